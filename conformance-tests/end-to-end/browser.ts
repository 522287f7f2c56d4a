// A real Chromium without a window. Rule: a test presses and reads what a person would; what the policy forbids, and what breaks, is
// collected and read at the end.

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

/** Slow machines run the same tests. */
const PATIENCE_MS = 90_000;
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where the machine's Chromium is; null when it has none. */
export function findChromium(): string | null {
  return CHROMIUM.find((path) => existsSync(path)) ?? null;
}

/** One browser with a profile of its own in `folder`. */
export class TestBrowser {
  readonly #browser: Browser;
  readonly downloads: string;
  /** What the policy of the pages forbade, and what broke in them. */
  readonly troubles: string[] = [];
  /** The address and body of each request. */
  readonly requests: string[] = [];

  private constructor(browser: Browser, downloads: string) {
    this.#browser = browser;
    this.downloads = downloads;
  }

  static async start(program: string, folder: string): Promise<TestBrowser> {
    const downloads = join(folder, "downloads");
    mkdirSync(downloads, { recursive: true });
    const browser = await puppeteer.launch({
      executablePath: program,
      // Tests may run as root, for whom Chromium has no sandbox.
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
      env: { ...process.env, LANGUAGE: "en" },
      userDataDir: join(folder, "profile"),
      timeout: PATIENCE_MS,
    });
    const session = await browser.target().createCDPSession();
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: downloads,
      eventsEnabled: true,
    });
    return new TestBrowser(browser, downloads);
  }

  async open(url: string): Promise<Page> {
    const page = await this.#browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.evaluateOnNewDocument(() => {
      const kept: string[] = [];
      Object.assign(globalThis, { violations: kept });
      Reflect.get(globalThis, "addEventListener")("securitypolicyviolation", (event: object) => {
        kept.push(`${Reflect.get(event, "violatedDirective")} ${Reflect.get(event, "blockedURI")}`);
      });
    });
    page.on("pageerror", (error) => this.troubles.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.troubles.push(message.text());
    });
    page.on("request", (request) => this.requests.push(`${request.url()} ${request.postData() ?? ""}`));
    await page.goto(url);
    return page;
  }

  /** The one file that was downloaded, whole. */
  async downloaded(name: string): Promise<Buffer> {
    // Chromium gives a file its name when the last byte is there.
    while (!readdirSync(this.downloads).includes(name)) await new Promise((resolve) => setTimeout(resolve, 25));
    return readFileSync(join(this.downloads, name));
  }

  async end(): Promise<void> {
    await this.#browser.close();
  }
}

/** Presses the button or link that says this. */
export async function press(page: Page, text: string): Promise<void> {
  await page.locator(`::-p-xpath(//*[self::button or self::a][contains(., ${JSON.stringify(text)})])`).click();
}

/** Waits until the page says this. */
export async function says(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => Reflect.get(globalThis, "document").body.innerText.includes(wanted), {}, text);
}

/** What the policy of this page forbade so far. */
export async function violationsOf(page: Page): Promise<string[]> {
  return await page.evaluate(() => Reflect.get(globalThis, "violations"));
}
