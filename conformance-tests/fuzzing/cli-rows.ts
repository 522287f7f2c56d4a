// What the command line reads of the outside: options, files of a home, answers, names of a file system. Rule: a refusal is
// a CommandFailed whose sentence a person can act on, or a RefusedEffect on the border.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailed } from "../../cli/src/command-end.ts";
import { parseHeader } from "../../cli/src/export/tar-file.ts";
import { Home } from "../../cli/src/home.ts";
import * as names from "../../cli/src/host/names.ts";
import { decodeText } from "../../cli/src/host/response-text.ts";
import { openInPlace } from "../../cli/src/host/sealing.ts";
import { Slots } from "../../cli/src/host/slots.ts";
import * as options from "../../cli/src/option-values.ts";
import { parsePlace } from "../../cli/src/place-text.ts";
import { readSecretFile, readWords } from "../../cli/src/secret-input.ts";
import { parseManifest } from "../../cli/src/web/built-pages.ts";
import { toAsciiJson } from "../../engine/src/border/ascii-json.ts";
import { wordsFromKey } from "../../engine/src/crypto/words.ts";
import { encodeTarHeader } from "../../engine/src/format/tar.ts";
import { RefusedEffect } from "../../host-loop/src/index.ts";
import { run } from "../vectors/area.ts";
import { type DecoderRow, row } from "./decoder-row.ts";
import { fromHexText, validInputs, validTexts } from "./samples.ts";

const USAGE = (error: unknown): boolean => error instanceof CommandFailed && error.exitCode === 2;
const FAILED = (error: unknown): boolean => error instanceof CommandFailed && error.code === "host-error";
const WORDS = (error: unknown): boolean =>
  error instanceof CommandFailed && /^user-(?:words-malformed|usage)$/.test(error.code);
const EFFECT = (error: unknown): boolean => error instanceof RefusedEffect;
const NEVER = (): boolean => false;

const [opened] = validInputs("open-content");
const PIN = "ab".repeat(32);
const PAIRING = { server: { url: "https://backup.example.org", pin: PIN }, login: "ada", deviceName: "phone" };
const KEYS = { form: 1, slots: { "device.sign": Buffer.from(run(32)).toString("base64") } };

function sampleKey(name: string): Buffer {
  return Buffer.from(fromHexText(String(opened?.[name])));
}

/** Reads a file of a home that holds `text`. */
function inFile<Value>(name: string, text: string, read: (folder: string) => Value): Value {
  const folder = mkdtempSync(join(tmpdir(), "coffre-fuzzing-"));
  try {
    writeFileSync(join(folder, name), text);
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const OPTION_ROWS: readonly DecoderRow[] = [
  row({
    name: "cli/src/option-values.ts parseServer",
    samples: ["https://backup.example.org", "192.0.2.7:8484", "http://localhost:1", "https://[::1]:8484"],
    decode: (text) => options.parseServer(text, undefined, false),
    refuses: USAGE,
  }),
  row({
    name: "cli/src/option-values.ts parsePin",
    samples: [PIN, `sha256:${PIN.toUpperCase()}`, PIN.replace(/(..)(?=.)/g, "$1:")],
    decode: options.parsePin,
    refuses: USAGE,
  }),
  row({
    name: "cli/src/option-values.ts parseRate",
    samples: ["500k", "2M", "1.5MB/s", "1000", "3GiB/s"],
    decode: (text) => requireInteger(options.parseRate(text)),
    refuses: USAGE,
  }),
  row({
    name: "cli/src/option-values.ts parseTime",
    samples: ["2026-11-21T10:15:00Z", "2026-11-21 10:15", "2026-11-21", "@1795256100", "2026-11-21t10:15:00.25+01:00"],
    decode: (text) => requireInteger(options.parseTime(text)),
    refuses: USAGE,
  }),
  row({
    name: "cli/src/option-values.ts parseSince",
    samples: [
      "now",
      "2026-11-21T10:15:00Z",
      "2026-11-21 10:15",
      "2026-11-21",
      "@1795256100",
      "2026-11-21t10:15:00.25+01:00",
    ],
    decode: (text) => requireInteger(options.parseSince(text) ?? 0),
    refuses: USAGE,
  }),
  row({
    name: "cli/src/place-text.ts parsePlace",
    samples: ["Photos", "Photos/2026/", "root//61ff", "odd/lat\\xe9\\u0085\\n@"],
    decode: parsePlace,
    refuses: NEVER,
  }),
  row({
    name: "cli/src/secret-input.ts readSecretFile",
    samples: ["yellow anchor fig tree", "\ufeffyellow anchor"],
    decode: (text) => inFile("p", text, (folder) => readSecretFile(join(folder, "p"), "passphrase")),
    refuses: USAGE,
  }),
  row({
    name: "cli/src/secret-input.ts readWords",
    samples: [wordsFromKey(run(32)), wordsFromKey(run(32)).replaceAll(" ", "\n1. ")],
    decode: (text) => inFile("words", text, (folder) => readWords(join(folder, "words"))),
    refuses: WORDS,
  }),
];

const FILE_ROWS: readonly DecoderRow[] = [
  row({
    name: "cli/src/home.ts readPairing",
    samples: [JSON.stringify(PAIRING), JSON.stringify({ ...PAIRING, server: { url: "http://localhost:1" } })],
    form: "json",
    decode: (text) => {
      const pairing = inFile("home.json", text, (folder) => new Home(folder).readPairing());
      return pairing === null ? null : [pairing.server.url.length, pairing.login.length, pairing.deviceName.length];
    },
    refuses: FAILED,
  }),
  row({
    name: "cli/src/host/slots.ts Slots",
    samples: [JSON.stringify(KEYS)],
    form: "json",
    decode: (text) => inFile("keys.json", text, (folder) => new Slots(join(folder, "keys.json")).find("device.sign")),
    refuses: (error) => error instanceof Error && error.name === "KeysUnreadable",
  }),
];

const HOST_ROWS: readonly DecoderRow[] = [
  row({
    name: "cli/src/export/tar-file.ts parseHeader",
    samples: [encodeTarHeader("README.txt", 1_000), encodeTarHeader(`blobs/${PIN}`, 16_384)],
    decode: (bytes) => parseHeader(Buffer.from(bytes), 512),
    refuses: NEVER,
  }),
  row({
    name: "cli/src/web/built-pages.ts parseManifest",
    samples: [
      JSON.stringify({
        form: 1,
        headers: { "x-frame-options": "DENY" },
        pages: ["/", "/vault/*"],
        index: "/index.html",
        files: [{ path: "/index.html", type: "text/html", cache: "no-store", sha384: "a" }],
      }),
    ],
    decode: parseManifest,
    refuses: NEVER,
  }),
  row({
    name: "cli/src/host/response-text.ts decodeText",
    samples: ["{}", "é漢🌊"].map((text) => Uint8Array.from(Buffer.from(text))),
    decode: (bytes) => [decodeText(Buffer.from(bytes), bytes.length), decodeText(Buffer.from(bytes), 65_536)],
    refuses: NEVER,
  }),
  row({
    name: "cli/src/host/sealing.ts openInPlace",
    samples: [fromHexText(String(opened?.["sealed"]))],
    decode: (sealed) =>
      openInPlace(sampleKey("root"), sampleKey("key"), String(opened?.["context"]), Buffer.from(sealed)),
    refuses: NEVER,
  }),
  row({
    name: "engine/src/border/ascii-json.ts toAsciiJson",
    samples: ["plain", "é漢🌊\u007f"],
    decode: (text) => {
      const json = toAsciiJson(text);
      return /^[ -~]*$/.test(json) ? JSON.parse(json) : null;
    },
    encode: String,
    refuses: NEVER,
  }),
  row({
    name: "cli/src/host/names.ts splitPath",
    samples: validTexts("path", "path"),
    decode: names.splitPath,
    encode: (parts) => parts.join("/"),
    refuses: EFFECT,
  }),
  row({
    name: "cli/src/host/names.ts locate",
    samples: validTexts("path", "path"),
    decode: (path) => names.locate("/home", path),
    refuses: EFFECT,
  }),
  row({
    name: "cli/src/host/names.ts keyOfName",
    samples: ["plain", "caf\u00e9", "caf\u00c3\u00a9"],
    dress: (text) => (/^[\0-\u00ff]*$/.test(text) ? text : null),
    decode: (latin1) => names.textOfKey(names.keyOfName(latin1)),
    refuses: NEVER,
  }),
];

export const CLI_ROWS: readonly DecoderRow[] = [...OPTION_ROWS, ...FILE_ROWS, ...HOST_ROWS];

/** A number that JSON carries to the engine as it is. */
function requireInteger(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError("not a whole number that JSON can carry");
  return value;
}
