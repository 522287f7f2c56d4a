// By what a limit counts a client's address (P-80). Rule: nobody gets a fresh count by choosing another of the addresses
// that are his.

import { isIPv6 } from "node:net";

const GROUPS = 8;
/** 64 bits: what one customer gets at least, and can draw addresses from as he likes (RFC 6177). */
const COUNTED_GROUPS = 4;
const MAPPED = ["0", "0", "0", "0", "0", "ffff"].join(":");

/** The address of IPv4, also as IPv6 writes it; the first 64 bits of IPv6. */
export function formatNetwork(address: string): string {
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return plain;
  const groups = expand(plain);
  if (groups.slice(0, 6).join(":") === MAPPED) {
    return groups
      .slice(6)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
      .join(".");
  }
  return `${groups.slice(0, COUNTED_GROUPS).join(":")}::/64`;
}

/** The eight groups, without leading zeros (RFC 4291 2.2). */
function expand(address: string): string[] {
  const text = address.toLowerCase().replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_dotted, ...parts: string[]) => {
    const [first = 0, second = 0, third = 0, fourth = 0] = parts.slice(0, 4).map(Number);
    return `${(first * 256 + second).toString(16)}:${(third * 256 + fourth).toString(16)}`;
  });
  const [front = "", back = ""] = text.split("::");
  const left = front === "" ? [] : front.split(":");
  const right = back === "" ? [] : back.split(":");
  const zeros = Array.from({ length: GROUPS - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16).toString(16));
}
