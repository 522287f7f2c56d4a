// The code that pairs a phone (P-12): server, pin and invitation in one line of text, and that line as a picture of a terminal's
// characters. Rule: whoever may look at it may make an account, so it is printed on demand alone.

import { isIP } from "node:net";
import encodeQR from "qr";
import { OperatorError } from "./drivers.ts";

/** What a phone is given. */
export type PairingCode = {
  /** Origin: `https://HOST[:PORT]`, or `http://` and a private address in numbers. */
  readonly server: string;
  /** Hex SHA-256 of the server's SPKI; null leaves it to the phone's own trust. */
  readonly pin: string | null;
  readonly invitation: string;
};

/** How the server was started last. */
export type ServedWith = "self" | "files" | "none";

/** Modules of quiet around a code (ISO/IEC 18004 §9.1). */
const QUIET_MODULES = 4;
/** True black on true white, whatever the terminal's theme: the 16 and 231 of the 256 colours are no theme's. */
const COLOURS = "\u001b[38;5;16;48;5;231m";
const COLOURS_END = "\u001b[0m";
const MAPPED = /^::ffff:/i;

/**
 * The origin in `text`, with the host and port of a URL. OperatorError when a phone would refuse it, or when it contradicts how
 * the server was started.
 */
export function parsePhoneAddress(text: string, servedWith: ServedWith): string {
  const url = URL.parse(text);
  if (url === null || url.host === "" || url.username + url.password + url.search + url.hash !== "")
    throw new OperatorError("--qr takes the address that phones use, such as https://192.168.1.20:8484");
  if (url.pathname !== "/") throw new OperatorError("--qr takes an address without a path");
  if (url.protocol === "https:") return url.origin;
  if (url.protocol !== "http:") throw new OperatorError("--qr takes an address that begins with https://");
  if (servedWith !== "none") throw new OperatorError("this server speaks TLS: its address begins with https://");
  if (!isPrivate(url.hostname.replace(/^\[|\]$/g, ""))) {
    throw new OperatorError(
      "without TLS the app asks private addresses alone, written as numbers: give one, or serve TLS",
    );
  }
  return url.origin;
}

/** The code's text. */
export function formatPairingCode({ server, pin, invitation }: PairingCode): string {
  const fields = [["server", server], ...(pin === null ? [] : [["pin", pin]]), ["invitation", invitation]];
  return `coffre://pair?${fields.map(([name, value = ""]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

/**
 * The text as a QR code, two modules to a character. In colours it is black on white in every theme. Without, light modules are
 * what is printed: right on a dark terminal, and the wrong way round on a light one, which the app reads as well.
 */
export function drawCode(text: string, isColoured: boolean): string {
  const modules = encodeQR(text, "raw", { ecc: "medium", border: QUIET_MODULES });
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const upper = modules[row] ?? [];
    // Of an odd height the last line has no lower half; it is as quiet as the border.
    const lower = modules[row + 1] ?? upper.map(() => false);
    const cells = upper.map((isDark, column) => drawCell(isDark === isColoured, lower[column] === isColoured));
    lines.push(isColoured ? `${COLOURS}${cells.join("")}${COLOURS_END}` : cells.join(""));
  }
  return lines.join("\n");
}

function drawCell(isUpper: boolean, isLower: boolean): string {
  if (isUpper && isLower) return "█";
  if (isUpper) return "▀";
  return isLower ? "▄" : " ";
}

/** Loopback, link-local, private and shared (RFC 6598) addresses; no names, which may lead anywhere. */
function isPrivate(host: string): boolean {
  const plain = host.replace(MAPPED, "");
  if (isIP(plain) === 4)
    return /^(10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(plain);
  return isIP(plain) === 6 && /^(::1$|fe[89ab]|f[cd])/i.test(plain);
}
