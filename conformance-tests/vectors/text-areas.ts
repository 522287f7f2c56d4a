// Vectors of texts and sizes: contexts, path texts, words, logins, the ladder (docs/format.md 2, 3, 6 and 7).

import { keyFromWords, wordsFromKey } from "../../engine/src/crypto/words.ts";
import { isContext, paddingContext } from "../../engine/src/format/contexts.ts";
import { blobSizeFor, bodySizeFor, padme } from "../../engine/src/format/ladder.ts";
import { parsePath } from "../../engine/src/format/path.ts";
import { parseLogin } from "../../engine/src/format/vault-object.ts";
import { type Area, bytes, type Case, hex, integer, run, text } from "./area.ts";

const ID = "0123456789abcdef".repeat(4);
const SALT = "ab".repeat(16);
const MAX = Number.MAX_SAFE_INTEGER;

const GOOD_CONTEXTS = [
  ...["chunk", "list", "padding", "record", "base", "segment"].map((kind) => `coffre/1/${kind}/${ID}`),
  `coffre/1/epoch/${ID}/${ID}/1`,
  `coffre/1/epoch/${ID}/${ID}/${MAX}`,
  `coffre/1/checkpoint/${ID}/${ID}/7`,
  `coffre/1/wrap/${ID}/65536/3/4/${SALT}`,
  `coffre/1/recovery-wrap/${ID}`,
  `coffre/1/name/${ID}/${ID}`,
  `coffre/1/index/${ID}/0/10`,
];

const BAD_CONTEXTS = [
  "",
  "coffre/1/chunk",
  "coffre/1/chunk/",
  `coffre/1/chunk/${ID}/`,
  `coffre/1/chunk/${ID}\n`,
  ` coffre/1/chunk/${ID}`,
  `coffre/1/chunk/${ID.slice(1)}`,
  `coffre/1/chunk/${ID}0`,
  `coffre/1/chunk/${ID.toUpperCase()}`,
  `coffre/2/chunk/${ID}`,
  `coffre/1/file/${ID}`,
  `coffre/1/epoch/${ID}/${ID}`,
  `coffre/1/epoch/${ID}/${ID}/01`,
  `coffre/1/epoch/${ID}/${ID}/+1`,
  `coffre/1/epoch/${ID}/${ID}/-1`,
  `coffre/1/epoch/${ID}/${ID}/9007199254740992`,
  `coffre/1/epoch/${ID}/1/${ID}`,
  `coffre/1/wrap/${ID}/65536/3/${SALT}`,
  `coffre/1/wrap/${ID}/65536/3/4/${SALT}00`,
  `coffre/1/wrap/${ID}/065536/3/4/${SALT}`,
  `coffre/1/recovery-wrap/${ID}/${ID}`,
  `coffre/1/name/${ID}`,
  `coffre/1/index/${ID}/1`,
  "coffre/1/unlock",
];

const CONTEXTS: Area = {
  area: "contexts",
  comment: "the closed table, F-22: a context outside it is refused by every sealer and opener",
  run: (input) => (isContext(text(input, "context")) ? { context: text(input, "context") } : null),
  cases: [
    ...GOOD_CONTEXTS.map((context): Case => ({ comment: "a row of the table", input: { context } })),
    ...BAD_CONTEXTS.map((context): Case => ({ comment: "no row of the table", input: { context }, refuse: true })),
  ],
};

const CHUNK = `coffre/1/chunk/${ID}`;
const LIST = `coffre/1/list/${ID}`;

const PADDING_CONTEXT: Area = {
  area: "padding-context",
  comment: "the context of a blob's padding, F-52, from the contexts of its parts",
  run: (input) => ({ context: paddingContext(input["contexts"] as readonly string[]) }),
  cases: [[CHUNK], [LIST], [CHUNK, LIST], [LIST, CHUNK]].map((contexts) => ({
    comment: `${contexts.length} parts`,
    input: { contexts },
  })),
};

const GOOD_PATHS = [
  "",
  "a",
  "a/b",
  "dir//61ff",
  "/61ff",
  "/ff/x",
  "//ff".slice(1),
  "a//ff/b//80",
  "...",
  ".a",
  "a.",
  " ",
  "\u00e9",
  "e\u0301",
  "\u{1f600}/\uffff",
  "a\\b",
  "C:",
  "x".repeat(255),
  `/${"ff".repeat(255)}`,
  Array(512).fill("d").join("/"),
];

const BAD_PATHS = [
  "/",
  "a/",
  "/a",
  "//",
  "a//",
  "a///ff",
  "a//b",
  ".",
  "..",
  "a/..",
  "a/./b",
  "\0",
  "a\0b",
  "/6",
  "/FF",
  "/61",
  "/c3a9",
  "/ff00",
  "/2fff",
  "//ff",
  "dir//61ff/",
  "x".repeat(256),
  "\u00e9".repeat(128),
  `/${"ff".repeat(256)}`,
  Array(513).fill("d").join("/"),
];

const PATHS: Area = {
  area: "path",
  comment: "the engine's path text and its components: {text} or {hex} (F-65)",
  run: (input) => ({
    components: parsePath(text(input, "path")).map((c) => (typeof c === "string" ? { text: c } : { hex: hex(c) })),
  }),
  cases: [
    ...GOOD_PATHS.map((path): Case => ({ comment: "a path", input: { path } })),
    ...BAD_PATHS.map((path): Case => ({ comment: "not a path", input: { path }, refuse: true })),
  ],
};

const WORDS: Area = {
  area: "words",
  comment: "a recovery key's 24 words, BIP 39 English (F-13)",
  run: (input) => ({ words: wordsFromKey(bytes(input, "key")) }),
  cases: [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(32).fill(127), run(32), run(32, 200)].map(
    (key) => ({
      comment: "a key of 32 bytes",
      input: { key: hex(key) },
    }),
  ),
};

const GOOD_WORDS = wordsFromKey(run(32));

function wordsCases(): Case[] {
  const words = GOOD_WORDS.split(" ");
  const swapped = [words[1], words[0], ...words.slice(2)].join(" ");
  return [
    { comment: "as they are shown", input: { words: GOOD_WORDS } },
    { comment: "in capitals", input: { words: GOOD_WORDS.toUpperCase() } },
    { comment: "with other white space", input: { words: ` \n${words.join("\t \u00a0")}\r\n` } },
    { comment: "nothing", input: { words: "" } },
    { comment: "23 words", input: { words: words.slice(1).join(" ") } },
    { comment: "25 words", input: { words: `${GOOD_WORDS} abandon` } },
    { comment: "12 words of BIP 39 are no key", input: { words: `${"abandon ".repeat(11)}about` } },
    { comment: "an unknown word", input: { words: ["abandonn", ...words.slice(1)].join(" ") } },
    { comment: "a prefix of four letters", input: { words: ["aban", ...words.slice(1)].join(" ") } },
    { comment: "an unknown word is told before a wrong count", input: { words: "abandon coffre" } },
    { comment: "two words swapped", input: { words: swapped } },
    { comment: "another last word", input: { words: [...words.slice(0, 23), "zoo"].join(" ") } },
  ];
}

const KEY_FROM_WORDS: Area = {
  area: "key-from-words",
  comment: "what a typed text says (F-13); positions count from 1",
  run: (input) => {
    const reading = keyFromWords(text(input, "words"));
    return reading.kind === "key" ? { kind: reading.kind, key: hex(reading.key) } : { ...reading };
  },
  cases: wordsCases(),
};

const GOOD_LOGINS = ["abc", "ada@example.org", "Ada.Lovelace_1-2", "a".repeat(64)];
const BAD_LOGINS = ["", "ab", "a".repeat(65), "ad a", "ad\u00e4", "ad+a", "\u212aelvin", "ada\n"];

const LOGINS: Area = {
  area: "login",
  comment: "a login in lower case (docs/format.md, glossary)",
  run: (input) => {
    const login = parseLogin(text(input, "login"));
    return login === null ? null : { login };
  },
  cases: [
    ...GOOD_LOGINS.map((login): Case => ({ comment: "a login", input: { login } })),
    ...BAD_LOGINS.map((login): Case => ({ comment: "not a login", input: { login }, refuse: true })),
  ],
};

const CONTENT = [
  29, 30, 16_355, 16_356, 16_357, 16_383, 16_384, 16_385, 17_380, 17_408, 983_068, 1_966_136, 7_864_320, 7_864_544,
  7_868_387, 7_868_388, 7_868_416,
];
const LADDER: Area = {
  area: "blob-size",
  comment: "a blob's size and padding for the bytes of its sealed chunks and lists, F-53; null: no padding part",
  run: (input) => ({ ...blobSizeFor(integer(input, "contentBytes")) }),
  cases: [
    ...CONTENT.map((contentBytes): Case => ({ comment: `${contentBytes} bytes`, input: { contentBytes } })),
    ...[0, 28, 7_868_389, 7_868_415, 7_868_417].map(
      (contentBytes): Case => ({ comment: `${contentBytes} bytes fit no blob`, input: { contentBytes }, refuse: true }),
    ),
  ],
};

const PADME: Area = {
  area: "padme",
  comment: "Padmé, F-54",
  run: (input) => ({ paddedBytes: padme(integer(input, "sizeBytes")) }),
  cases: [2, 3, 9, 100, 4_096, 4_097, 16_384, 16_385, 65_537, 1_000_000, 7_864_320, 7_864_321, 2 ** 31].map(
    (sizeBytes) => ({
      comment: `${sizeBytes} bytes`,
      input: { sizeBytes },
    }),
  ),
};

const BODY_SIZE: Area = {
  area: "body-size",
  comment: "the padded size of a record's body, docs/format.md 7",
  run: (input) => ({ paddedBytes: bodySizeFor(integer(input, "cborBytes")) }),
  cases: [
    ...[1, 4_095, 4_096, 4_097, 100_000, 196_607, 196_608].map(
      (cborBytes): Case => ({ comment: `${cborBytes} bytes`, input: { cborBytes } }),
    ),
    { comment: "one byte too many", input: { cborBytes: 196_609 }, refuse: true },
  ],
};

export const TEXT_AREAS: readonly Area[] = [
  CONTEXTS,
  PADDING_CONTEXT,
  PATHS,
  WORDS,
  KEY_FROM_WORDS,
  LOGINS,
  LADDER,
  PADME,
  BODY_SIZE,
];
