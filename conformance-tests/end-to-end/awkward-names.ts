// Names that break careless programs. Rule: every name is legal on a Linux file system, and each stands for one fault.

/** The longest name that a file system takes, in bytes. */
const LONGEST_BYTES = 255;

/** Names of files, as bytes, with what each is there for. */
export const AWKWARD_NAMES: readonly { readonly why: string; readonly name: Buffer }[] = [
  ...(
    [
      ["emoji of several code points", "🌊 été 👩‍👩‍👧‍👦.jpg"],
      ["a newline", "first line\nsecond line.txt"],
      ["other control characters", "tab\tbell\u0007escape\u001b[31m.txt"],
      ["a leading dash", "-rf"],
      ["an option", "--help"],
      ["spaces at both ends", "  spaces at both ends  "],
      ["right to left", "תמונה ראשונה.jpg"],
      ["an override of direction", "photo\u202egpj.exe"],
      ["composed", "caf\u00e9.txt"],
      ["decomposed, another file", "cafe\u0301.txt"],
      ["quotes", `"double" 'single' \`back\`.txt`],
      ["what a shell would run", "$(touch nothing); rm *.txt"],
      ["backslashes", "..\\..\\windows\\system.ini"],
      ["three dots", "..."],
      ["a hidden file", ".hidden"],
      ["percent signs", "%2e%2e%2f%00"],
      ["a device elsewhere", "NUL"],
      ["ends in a dot", "ends in a dot."],
      ["a colon", "C:stream.txt"],
      ["only a digit", "0"],
      ["a property of objects", "__proto__"],
      ["wide characters", "漢字とかな.txt"],
      ["beyond the basic plane", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢.txt"],
      ["not a character", "non\uffffcharacter"],
      ["a replacement character", "\ufffd.txt"],
      ["the longest", `${"long ".repeat(LONGEST_BYTES)}`.slice(0, LONGEST_BYTES)],
      ["the longest, wide", `${"漢".repeat(LONGEST_BYTES / 3)}`],
    ] as const
  ).map(([why, name]) => ({ why, name: Buffer.from(name) })),
  { why: "not UTF-8", name: Buffer.from("latin-1 caf\xe9.txt", "latin1") },
  { why: "not UTF-8, another one", name: Buffer.from("latin-1 caf\xe8.txt", "latin1") },
  { why: "no UTF-8 at all", name: Buffer.from([0xff, 0xfe, 0x80, 0xc0]) },
  { why: "a lone surrogate, encoded", name: Buffer.from([0x73, 0xed, 0xa0, 0x80]) },
  { why: "the longest, not UTF-8", name: Buffer.alloc(LONGEST_BYTES, 0xfc) },
];
