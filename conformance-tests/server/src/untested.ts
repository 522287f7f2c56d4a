// What no check can see, and why. Rule: an entry quotes docs/protocol.md to the letter, and its reason would convince somebody
// who wants the check.

export type Untested = {
  readonly requirement: `P-${number}`;
  readonly quotes: readonly string[];
  readonly reason: string;
};

const INSIDE = "what a server does inside of itself leaves no trace in its answers";
const DAMAGE = "no request can damage bytes on the server's disk";
const DISK = "no request can fill the server's disk without harm to its other accounts";
const CLIENT = "a rule for clients, not for servers";

export const UNTESTED: readonly Untested[] = [
  {
    requirement: "P-1",
    quotes: ["Pages for people may stand at other paths."],
    reason: "leaves servers free to have some or none, so nothing can fail",
  },
  { requirement: "P-4", quotes: ["Clients decide by `type` and `retryable`, never by text"], reason: CLIENT },
  {
    requirement: "P-10",
    quotes: ["Absent, it is no limit but F-61's."],
    reason: "a record with 16 million ids is no check for every run",
  },
  {
    requirement: "P-12",
    quotes: [
      "A **pairing code** tells a client where a server is and lets it in",
      "A client acts on a whole code or on nothing of it.",
      "`server` (required): the origin",
      "`pin`: hex SHA-256 of the SPKI that the server MUST have",
      "`invitation`: 1 to 128 of",
      "A client shows the server before it pairs.",
      "Such as",
    ],
    reason: `${CLIENT}; what a server prints for a person is not asked over HTTP`,
  },
  {
    requirement: "P-22",
    quotes: ["An envelope that the server lost is left out.", "What is damaged is named as in P-32"],
    reason: DAMAGE,
  },
  {
    requirement: "P-22",
    quotes: ["A session needs no row to begin", "When a server made rows anew out of its objects"],
    reason: INSIDE,
  },
  {
    requirement: "P-24",
    quotes: ["Replaced versions are kept for 30 days"],
    reason: "no request reads a replaced version",
  },
  {
    requirement: "P-32",
    quotes: ["A damaged one keeps its number, hash and receipt"],
    reason: DAMAGE,
  },
  { requirement: "P-33", quotes: ["A damaged one is written again by the same bytes (200)."], reason: DAMAGE },
  {
    requirement: "P-42",
    quotes: [
      "A damaged blob is 404 as a whole",
      "Bytes that turn out short or altered while they are sent are cut off",
    ],
    reason: DAMAGE,
  },
  { requirement: "P-43", quotes: ["Whoever finds a blob's file gone or altered"], reason: DAMAGE },
  {
    requirement: "P-44",
    quotes: ["An answer is made from the bytes as they are stored now."],
    reason: "no request can alter bytes on the server's disk",
  },
  {
    requirement: "P-22",
    quotes: ["A head may say how its device uses the server"],
    reason: "a server may leave it out",
  },
  { requirement: "P-50", quotes: ["A damaged one is written again by it."], reason: DAMAGE },
  {
    requirement: "P-50",
    quotes: ["The server reads the header alone."],
    reason: "the sealed bodies of all checks are random bytes, so each record that is taken shows it",
  },
  {
    requirement: "P-60",
    quotes: ["Its references count from then on."],
    reason: "shows only after days of collecting (P-73)",
  },
  {
    requirement: "P-70",
    quotes: [
      "Blob: temporary file → hash while writing",
      "A repeated PUT deletes the old name after its commit.",
      "A commit whose outcome is not known deletes nothing.",
    ],
    reason: `${INSIDE}; what it is for is checked by killing the server`,
  },
  {
    requirement: "P-71",
    quotes: [
      "Every durable change of an account is checked, written as an immutable numbered object",
      "The number is read before the check",
      "Objects hold random bytes of their writer",
      "A number is never free again",
      "Applying a record or a base gives rows to the blobs that it names",
      "Nothing of an account is collected before all its objects are applied",
    ],
    reason: `${INSIDE}; what it is for is checked by killing the server`,
  },
  {
    requirement: "P-72",
    quotes: [
      "The server's keys (receipts, tokens, false KDF answers, address hashes) are files",
      "They are made with a new server and never again",
      "Blobs and journal each bear a mark",
    ],
    reason: INSIDE,
  },
  {
    requirement: "P-73",
    quotes: [
      "Unreferenced blobs are removed after seven collector passes",
      "Being asked for in `missing`, stored again or named by a record begins the count anew.",
      "Condemning, reviving and deleting lock the row.",
    ],
    reason: "shows after six days of running time at the earliest",
  },
  {
    requirement: "P-74",
    quotes: [
      "Making rows from objects goes over an object that is damaged",
      "Out of a damaged one counts what bears a signature of its own that holds",
      "A record that only its successor names keeps number and hash",
      "One bad account stops no other",
      "Where a change of the second factor may be among the lost objects",
      "A whole object of an unknown kind stops the start.",
    ],
    reason: DAMAGE,
  },
  {
    requirement: "P-80",
    quotes: [
      "Requests are limited for each account and each address",
      "An address of IPv6 counts by its first 64 bits",
    ],
    reason:
      "the page names no numbers, and a run that found them would keep others out; a 429 that comes is checked and waited for",
  },
  {
    requirement: "P-80",
    quotes: ["Quota is reserved atomically", "Blobs that come again count for none"],
    reason: "no answer says how large a quota is, and filling one that is not known may take terabytes",
  },
  { requirement: "P-81", quotes: ["A full disk is answered with 507 `storage-full`"], reason: DISK },
  {
    requirement: "P-82",
    quotes: ["Reading needs no writing", "A code, a challenge or a count of wrong codes that cannot get its row"],
    reason: DISK,
  },
  {
    requirement: "P-85",
    quotes: ["Bodies that are gathered in memory are bounded together"],
    reason: "the page names no number",
  },
  {
    requirement: "P-86",
    quotes: [
      "What frees room (collecting, P-24), and rows that reading waits for",
      "While it is away everything that would be stored is 507 `storage-full`.",
      "A server starts, lets in and is read from on a full disk.",
    ],
    reason: DISK,
  },
  { requirement: "P-90", quotes: ["It tries a small write in every folder that the server writes"], reason: INSIDE },
  {
    requirement: "P-90",
    quotes: ["`/metrics` (Prometheus text)"],
    reason: "stands on a listener that the suite is not told of",
  },
];
