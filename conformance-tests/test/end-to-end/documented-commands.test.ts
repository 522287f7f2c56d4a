// The commands of README.md and docs/operations.md, as somebody who copies them runs them. Rule: every block of a page is run
// here, or the reason why it cannot be stands here.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { Child, stopChildren } from "../../end-to-end/child.ts";
import { Scene } from "../../end-to-end/scene.ts";
import { compareTrees, pictureTree } from "../../end-to-end/tree-picture.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SERVER = join(ROOT, "server/bin/coffre-server.mjs");
const PASSPHRASE = "correct horse battery staple";
const OTHER_PROGRAM = "the settings of another program";

/** The blocks of a page, each by its first line, and what becomes of them. */
const PAGES: Readonly<Record<string, Readonly<Record<string, "run" | { readonly reason: string }>>>> = {
  "README.md": {
    "npm ci && npm run demo -- PATH": {
      reason: "installs packages and runs every test; the demo has a test of its own",
    },
    "npx coffre-server --data ../coffre-data": "run",
    "npx coffre init --server http://127.0.0.1:8484 --login ada --invitation CODE": "run",
    "npx coffre restore --to ../back --server http://127.0.0.1:8484 --login ada": "run",
    "# ~/.config/systemd/user/coffre.service": { reason: OTHER_PROGRAM },
    "17 * * * * /opt/coffre/node_modules/.bin/coffre backup --quiet": "run",
    "# /etc/systemd/system/coffre-server.service": { reason: OTHER_PROGRAM },
    "backup.example.org {": { reason: OTHER_PROGRAM },
    "server {": { reason: OTHER_PROGRAM },
    "npx coffre-server --data ../coffre-data --listen 0.0.0.0:8484 --tls self": "run",
    "openssl s_client -connect 192.168.1.10:8484 </dev/null 2>/dev/null | openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum":
      "run",
  },
  "docs/operations.md": {
    "openssl x509 -in CERTIFICATE.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256": "run",
    "rsync -a DATA/keys    COPY/": "run",
    "coffre-server rebuild --data DATA": "run",
  },
};

const scene = new Scene("documented");

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

function readBlocks(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/^```[a-z]*\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
}

function findBlock(page: string, firstLine: string): string {
  const block = readBlocks(page).find((each) => each.startsWith(`${firstLine}\n`));
  if (block === undefined || PAGES[page]?.[firstLine] !== "run") throw new Error(`no block to run: ${firstLine}`);
  return block;
}

/** A folder in which `npx` finds the two programs as in a checkout, and beside it a home with some pictures. */
function makeCheckout(name: string): { readonly checkout: string; readonly environment: Record<string, string> } {
  const checkout = scene.path(name, "checkout");
  const home = scene.path(name, "home");
  for (const folder of [checkout, join(home, "Pictures/2024"), join(home, "Pictures/cache")]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(checkout, "package.json"), '{"private":true}');
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  writeFileSync(join(home, "Pictures/2024/sea.jpg"), "waves");
  writeFileSync(join(home, "Pictures/left.tmp"), "x");
  writeFileSync(join(home, "Pictures/cache/left"), "x");
  writeFileSync(scene.path(name, "passphrase"), PASSPHRASE);
  // Nobody types here: the passphrase comes as the page says that it may.
  const environment = { HOME: home, COFFRE_PASSPHRASE_FILE: scene.path(name, "passphrase") };
  return { checkout, environment };
}

/** Runs a block in a shell, to the first line that fails; what was printed. */
function runBlock(block: string, cwd: string, environment: Readonly<Record<string, string>>): string {
  const env = { ...process.env, ...environment };
  const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", block], {
    cwd,
    env,
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
}

/** Starts what a block starts, with a port that the system chooses; `logged` waits for the first line of its log with a field. */
async function startServer(
  block: string,
  cwd: string,
): Promise<{ server: Child; url: string; logged: (field: string) => Promise<string> }> {
  const [, program, ...args] = block.trim().split(/\s+/);
  expect(program).toBe("coffre-server");
  const chosen = [
    ...args.filter((word, at) => word !== "--listen" && args[at - 1] !== "--listen"),
    "--listen",
    "127.0.0.1:0",
  ];
  const server = new Child({ args: [SERVER, ...chosen], cwd });
  const logged = async (field: string): Promise<string> => {
    const line = await server.line(`a line with ${field}`, (text) => text.includes(`"${field}":`));
    return String(JSON.parse(line)[field]);
  };
  return { server, url: await logged("url"), logged };
}

test.each(Object.keys(PAGES))("every block of %s is run here, or has its reason", (page) => {
  expect(readBlocks(page).map((block) => block.split("\n", 1)[0])).toEqual(Object.keys(PAGES[page] ?? {}));
});

describe("README.md", () => {
  test("five minutes work as they are written", { timeout: 180_000 }, async () => {
    const { checkout, environment } = makeCheckout("five");
    const { server, url, logged } = await startServer(
      findBlock("README.md", "npx coffre-server --data ../coffre-data"),
      checkout,
    );
    const code = await logged("invitation");
    const here = (block: string): string => block.replaceAll("http://127.0.0.1:8484", url);
    const making = findBlock(
      "README.md",
      "npx coffre init --server http://127.0.0.1:8484 --login ada --invitation CODE",
    );
    const made = runBlock(here(making).replace("CODE", code), checkout, environment);
    expect(made).toContain("Synced    1 file, 5 B");
    expect(made).toContain("pictures/2024/sea.jpg");
    const words = [...made.matchAll(/^ +\d+ [a-z]+ +\d+ [a-z]+ .*$/gm)].map(([row]) => row).join("\n");
    writeFileSync(join(checkout, "words.txt"), words);

    const restoring = findBlock(
      "README.md",
      "npx coffre restore --to ../back --server http://127.0.0.1:8484 --login ada",
    );
    // At a terminal the words are asked for; here they come from a file, as the page says besides.
    const restored = runBlock(here(restoring).replace("--recovery-words", "--recovery-file words.txt"), checkout, {
      ...environment,
      COFFRE_HOME: scene.path("five", "another machine"),
    });
    expect(restored.match(/Restored {2}1 file, 5 B/g)?.length).toBe(3);
    for (const to of ["back", "back-2024", "back-by-words"]) {
      expect(readFileSync(scene.path("five", to, "pictures/2024/sea.jpg"), "utf8")).toBe("waves");
    }
    const [cron = ""] = findBlock("README.md", "17 * * * * /opt/coffre/node_modules/.bin/coffre backup --quiet").split(
      "\n",
    );
    const hourly = cron.replace("17 * * * * ", "").replace("/opt/coffre", checkout);
    expect(runBlock(hourly, checkout, environment)).toBe("");
    expect((await server.stop("SIGTERM")).code).toBe(0);
    checkCopies(scene.path("five"));
  });

  test("a server with a certificate of its own logs the pin that openssl computes", { timeout: 180_000 }, async () => {
    const { checkout } = makeCheckout("pin");
    const block = findBlock("README.md", "npx coffre-server --data ../coffre-data --listen 0.0.0.0:8484 --tls self");
    const { url, logged } = await startServer(block, checkout);
    const pin = await logged("pin");
    const command = readBlocks("README.md").find((each) => each.startsWith("openssl s_client")) ?? "";
    const computed = runBlock(command.replace("192.168.1.10:8484", new URL(url).host), checkout, {});
    expect(computed.trim().split(" ")[0]).toBe(pin);
    const beside = findBlock(
      "docs/operations.md",
      "openssl x509 -in CERTIFICATE.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256",
    );
    const certificate = join(checkout, "../coffre-data/tls/self.pem");
    expect(runBlock(beside.replace("CERTIFICATE.pem", certificate), checkout, {}).trim()).toMatch(
      new RegExp(`${pin}$`),
    );
  });
});

/** docs/operations.md: a copy in parts, and a database that is made again in it. */
function checkCopies(folder: string): void {
  const [data, copy] = [join(folder, "coffre-data"), join(folder, "copy")];
  mkdirSync(copy);
  const placed = (block: string): string => block.replaceAll("DATA", data).replaceAll("COPY", copy);
  const copying = placed(findBlock("docs/operations.md", "rsync -a DATA/keys    COPY/"));
  const hasRsync = spawnSync("rsync", ["--version"]).status === 0;
  runBlock(hasRsync ? copying : copying.replaceAll("rsync -a", "cp -a"), folder, {});
  expect(readdirSync(copy).sort()).toEqual(["blobs", "journal", "keys"]);
  const rebuilding = findBlock("docs/operations.md", "coffre-server rebuild --data DATA").replaceAll("DATA", copy);
  runBlock(rebuilding.replace("coffre-server", `"${process.execPath}" "${SERVER}"`), folder, {});
  expect(existsSync(join(copy, "coffre.db"))).toBe(true);
  expect(execFileSync(process.execPath, [SERVER, "scrub", "--data", copy], { encoding: "utf8" })).toContain(
    "0 damaged",
  );
  expect(compareTrees(pictureTree(join(data, "blobs")), pictureTree(join(copy, "blobs")))).toEqual([]);
}
