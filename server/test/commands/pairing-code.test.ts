import { readFile } from "node:fs/promises";
import jsQR from "jsqr";
import { describe, expect, it } from "vitest";
import { drawCode, formatPairingCode, parsePhoneAddress } from "../../src/commands/pairing-code.ts";
import { withFolder } from "../running-server.ts";
import { runCommand, ServerProcess } from "../server-process.ts";

const MODULE_PIXELS = 4;
const COLOURED = "\u001b[38;5;16;48;5;231m";
const PLAIN_END = "\u001b[0m";
const CODE = {
  server: "https://192.168.1.20:8484",
  pin: "00112233445566778899aabbccddeeff".repeat(2),
  invitation: "7QK2A-9MXNB-RT4CD-HJ8EF",
};

/** What a camera sees of the lines: `ink` is the grey of what is printed, `paper` of what is not. */
function readPicture(drawn: string, ink: number, paper: number): string | undefined {
  const cells = drawn.split("\n").map((line) => [...line]);
  const width = (cells[0]?.length ?? 0) * MODULE_PIXELS;
  const height = cells.length * 2 * MODULE_PIXELS;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / MODULE_PIXELS);
    for (let x = 0; x < width; x++) {
      const cell = cells[row >> 1]?.[Math.floor(x / MODULE_PIXELS)] ?? "?";
      const grey = (row % 2 === 0 ? "█▀" : "█▄").includes(cell) ? ink : paper;
      pixels.set([grey, grey, grey, 255], (y * width + x) * 4);
    }
  }
  return jsQR.default(pixels, width, height)?.data;
}

describe("pairing code", () => {
  it("P-12 is the text that the protocol gives as its example", async () => {
    const protocol = await readFile(new URL("../../../docs/protocol.md", import.meta.url), "utf8");
    expect(protocol).toContain(`\`${formatPairingCode(CODE)}\``);
  });

  it("is read by another decoder, in colours and on dark and light terminals", () => {
    const longest = `https://${"a".repeat(60)}.${"b".repeat(60)}.example.org:65535`;
    for (const code of [CODE, { ...CODE, pin: null }, { ...CODE, server: longest }]) {
      const text = formatPairingCode(code);
      const coloured = drawCode(text, true);
      const lines = coloured.split("\n");
      expect(lines.every((line) => line.startsWith(COLOURED) && line.endsWith(PLAIN_END))).toBe(true);
      expect(readPicture(coloured.replaceAll(COLOURED, "").replaceAll(PLAIN_END, ""), 0, 255)).toBe(text);
      const plain = drawCode(text, false);
      expect(readPicture(plain, 220, 20)).toBe(text);
      expect(readPicture(plain, 20, 220)).toBe(text);
    }
  });

  it("is surrounded by four quiet modules", () => {
    const lines = drawCode(formatPairingCode(CODE), false).split("\n");
    const quiet = "█".repeat(lines[0]?.length ?? 0);
    expect([lines[0], lines[1]]).toEqual([quiet, quiet]);
    expect(lines.every((line) => line.startsWith("████") && line.endsWith("████"))).toBe(true);
  });

  it("fits an ordinary terminal", () => {
    expect(drawCode(formatPairingCode(CODE), false).split("\n")[0]?.length).toBeLessThanOrEqual(80);
  });

  it.each([
    ["ftp://192.168.1.20", "none", /begins with https/],
    ["192.168.1.20:8484", "none", /such as https/],
    ["https://user@example.org", "self", /such as https/],
    ["https://example.org/?a", "self", /such as https/],
    ["https://example.org/backup", "self", /without a path/],
    ["http://example.org", "none", /private addresses/],
    ["http://8.8.8.8", "none", /private addresses/],
    ["http://172.32.0.1", "none", /private addresses/],
    ["http://[2001:db8::1]", "none", /private addresses/],
    ["http://192.168.1.20:8484", "self", /speaks TLS/],
    ["http://192.168.1.20:8484", "files", /speaks TLS/],
  ] as const)("refuses %s of a server that was started with %s", (address, servedWith, reason) => {
    expect(() => parsePhoneAddress(address, servedWith)).toThrow(reason);
  });

  it.each([
    ["https://Example.org/", "none", "https://example.org"],
    ["http://192.168.1.20:8484", "none", "http://192.168.1.20:8484"],
    ["http://100.64.0.1", "none", "http://100.64.0.1"],
    ["http://[fd00::1]:8484", "none", "http://[fd00::1]:8484"],
  ] as const)("takes %s", (address, servedWith, origin) => {
    expect(parsePhoneAddress(address, servedWith)).toBe(origin);
  });

  it("coffre-server invite --qr prints it beside the invitation, with the pin of its own key alone", () =>
    withFolder(async (data) => {
      const args = ["--data", data, "--listen", "127.0.0.1:0"];
      const own = new ServerProcess(...args, "--tls", "self");
      const { pin } = await own.waitFor("listening");
      const refused = await runCommand("invite", "--data", data, "--qr", "http://127.0.0.1:8484");
      expect([refused.code, refused.stdout]).toEqual([1, ""]);
      const made = await runCommand("invite", "--data", data, "--qr", "https://127.0.0.1:8484");
      await own.end();
      const [invitation = "", , ...rest] = made.stdout.trimEnd().split("\n");
      const text = rest.at(-1);
      const server = "https://127.0.0.1:8484";
      expect(text).toBe(formatPairingCode({ server, pin: String(pin), invitation }));
      expect(readPicture(rest.slice(0, -2).join("\n"), 220, 20)).toBe(text);

      const behindProxy = new ServerProcess(...args);
      await behindProxy.waitFor("listening");
      const unpinned = await runCommand("invite", "--data", data, "--qr", "https://backup.example.org");
      await behindProxy.end();
      expect(unpinned.stdout).toContain("coffre://pair?server=https%3A%2F%2Fbackup.example.org&invitation=");
    }));
});
