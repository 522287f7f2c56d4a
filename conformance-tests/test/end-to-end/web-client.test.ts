// The web client in a real Chromium, at a real server, with a vault that the command line made.

import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium, press, says, TestBrowser, violationsOf } from "../../end-to-end/browser.ts";
import { Scene } from "../../end-to-end/scene.ts";
import { type ServerProcess, startServer } from "../../end-to-end/server-process.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const LOGIN = "anna";
const PASSPHRASE = "seven quiet herons over the ice";
const HOSTILE = "<img src=x onerror=alert(1)>\u202etxt.exe";
const CANARY = "the canary sings in every byte";
/** Longer than one chunk, and never the same twice. */
const LARGE = Buffer.concat(Array.from({ length: 40_000 }, (_, n) => createHash("sha512").update(`${n}`).digest()));

type Page = Awaited<ReturnType<TestBrowser["open"]>>;

const chromium = findChromium();
if (chromium === null)
  process.stderr.write("NO CHROMIUM: the web client is not tried in a browser (apt-get install chromium)\n");

describe.skipIf(chromium === null)("the web client", () => {
  let scene: Scene;
  let server: ServerProcess;
  let browser: TestBrowser;

  beforeAll(async () => {
    execFileSync(process.execPath, [join(ROOT, "web/build/build.ts")], { stdio: "ignore" });
    scene = new Scene("web client");
    server = await startServer({ data: scene.path("data") });
    const source = scene.source("source", {
      "note.txt": CANARY,
      "deep/er/large.bin": LARGE,
      [`odd/${HOSTILE}`]: "not run",
    });
    const machine = await scene.pairedMachine({ url: server.url, login: LOGIN }, source);
    await machine.backUp();
    browser = await TestBrowser.start(chromium ?? "", scene.folder);
  });

  afterAll(async () => {
    await browser?.end();
    await server?.stop();
    scene?.remove();
  });

  async function signIn(secret = PASSPHRASE): Promise<Page> {
    const page = await browser.open(server.url);
    await page.locator("input[type=text]").fill(LOGIN);
    await page.locator("input[type=password]").fill(secret);
    await press(page, "Open the vault");
    return page;
  }

  /** Ends a page, after all that it must never have done. */
  async function end(page: Page): Promise<void> {
    expect(await violationsOf(page)).toEqual([]);
    await page.close();
  }

  test("loads the engine that every host loads, byte for byte", () => {
    const assets = join(ROOT, "web/dist/assets");
    const [name = ""] = readdirSync(assets).filter((each) => /^engine-.*\.js$/.test(each));
    expect(readFileSync(join(assets, name)).equals(readFileSync(join(ROOT, "engine/dist/engine.js")))).toBe(true);
  });

  test("opens a vault by its passphrase, and saves one file with the bytes that were backed up", async () => {
    const page = await signIn();
    await says(page, "note.txt");
    await press(page, "deep");
    await press(page, "er");
    await press(page, "large.bin");
    await press(page, "Save");
    await says(page, "Handed to your browser: large.bin");
    expect((await browser.downloaded("large.bin")).equals(LARGE)).toBe(true);
    expect(new URL(page.url()).pathname).toMatch(/^\/file\/\d+$/);
    await end(page);
  });

  test("opens it by the 24 words, and saves a folder as a zip that leads nowhere", async () => {
    const page = await browser.open(server.url);
    await press(page, "Use recovery words");
    await page.locator("input[type=text]").fill(LOGIN);
    await page.locator("textarea").click();
    await page.keyboard.sendCharacter(readFileSync(scene.wordsFile, "utf8"));
    await press(page, "Open the vault");
    await says(page, "note.txt");
    await press(page, "Save as zip");
    await says(page, "Handed to your browser: coffre.zip");
    const zip = await browser.downloaded("coffre.zip");
    const listed = execFileSync("python3", ["-c", LIST_ZIP], { input: zip, encoding: "utf8" });
    const found = new Map<string, string>(JSON.parse(listed));
    expect(found.get("root/note.txt")).toBe(createHash("sha256").update(CANARY).digest("hex"));
    expect(found.get("root/deep/er/large.bin")).toBe(createHash("sha256").update(LARGE).digest("hex"));
    expect([...found.keys()].filter((name) => name.includes("\u202e"))).toEqual([]);
    await end(page);
  });

  test("shows a hostile name as text, and keeps names out of addresses, titles and history", async () => {
    const page = await signIn();
    await press(page, "odd");
    await says(page, "<img src=x onerror=alert(1)>\u27e8202e\u27e9txt.exe");
    expect(await page.$$("main img")).toEqual([]);
    await press(page, "onerror");
    const kept = await page.evaluate(() => {
      const { document, history, location } = globalThis as unknown as {
        document: { title: string };
        history: { state: unknown };
        location: { href: string };
      };
      return `${document.title} ${JSON.stringify(history.state)} ${location.href}`;
    });
    expect(kept).not.toMatch(/onerror|odd|root|anna/);
    await end(page);
  });

  test("opens it with pages from this machine, which pass only the protocol on", async () => {
    const local = scene.machine("the pages' own").start(["web", "--server", server.url, "--port", "0"]);
    const event = await local.event("its address", ({ type }) => type === "web");
    const page = await browser.open(String(event["url"]));
    await says(page, "your own computer");
    await page.locator("input[type=text]").fill(LOGIN);
    await page.locator("input[type=password]").fill(PASSPHRASE);
    await press(page, "Open the vault");
    await says(page, "note.txt");
    expect(page.url()).not.toContain("local=");
    await end(page);
    expect((await local.stop("SIGINT")).code).toBe(0);
  });

  test("asks for a code too, once a second factor was switched on in it", async () => {
    const page = await signIn();
    await says(page, "note.txt");
    await press(page, "Account");
    await press(page, "Set up");
    await says(page, "Type this key");
    const [secret = "", recovery = ""] = await page.$$eval(".select-all", (shown) => {
      const [key, codes] = shown.map((each) => String(Reflect.get(each, "innerText")));
      return [key ?? "", codes?.split("\n")[0] ?? ""];
    });
    await page.locator("main input").fill(oneTimeCode(secret));
    await press(page, "Switch it on");
    await says(page, "The second factor is on");
    await end(page);
    const again = await signIn();
    await says(again, "One more step");
    await again.locator("input[type=text]").fill(recovery);
    await press(again, "Open the vault");
    await says(again, "note.txt");
    await press(again, "Account");
    await press(again, "Remove");
    await says(again, "The second factor is off");
    await end(again);
  });

  test("says in a sentence that the passphrase is wrong", async () => {
    const page = await signIn("seven quiet herons over the fire");
    await page.waitForSelector("[role=alert]");
    await says(page, "the passphrase or the words are wrong");
    await end(page);
  });

  test("keeps nothing after a lock: no work file, no canary in requests or in the profile", async () => {
    const page = await signIn();
    await press(page, "note.txt");
    await press(page, "Save");
    await says(page, "Handed to your browser: note.txt");
    expect((await browser.downloaded("note.txt")).toString()).toBe(CANARY);
    await press(page, "Lock");
    await press(page, "Remove it and lock");
    await says(page, "Nothing of it is left in this browser");
    await page.waitForFunction(hasNoWorkFiles);
    await end(page);
    expect(browser.troubles.filter((trouble) => !/401/.test(trouble))).toEqual([]);
    const sent = browser.requests.join("\n");
    for (const canary of [CANARY, PASSPHRASE, "note.txt", "large.bin"]) expect(sent).not.toContain(canary);
    await browser.end();
    expect(filesWith(join(scene.folder, "profile"), [CANARY, PASSPHRASE, "onerror=alert"])).toEqual([]);
  });
});

/** The code of an authenticator now (RFC 6238, 30 s, 6 digits), of a key in base32. */
function oneTimeCode(secret: string): string {
  const bits = [...secret.replace(/[^A-Z2-7]/g, "")]
    .map((char) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(count).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A zip's files with their SHA-256, as JSON. */
const LIST_ZIP = `import sys, io, json, hashlib, zipfile
z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
print(json.dumps([[n, hashlib.sha256(z.read(n)).hexdigest()] for n in z.namelist()]))`;

/** Whether no tab's work folder holds a file; runs in the page. */
async function hasNoWorkFiles(): Promise<boolean> {
  const storage = Reflect.get(Reflect.get(globalThis, "navigator"), "storage");
  const work = await (await storage.getDirectory()).getDirectoryHandle("work");
  for await (const folder of work.values()) for await (const _ of folder.keys()) return false;
  return true;
}

/** The files below `folder` that hold one of these texts. */
function filesWith(folder: string, texts: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = join(folder, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    const bytes = readFileSync(path);
    return texts.some((text) => bytes.includes(text) || bytes.includes(Buffer.from(text, "utf16le")));
  });
}
