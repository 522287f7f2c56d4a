// Rules of the portable engine: what QuickJS, V8 and Node do not all have, or do differently, and what would make a
// step depend on anything but its inputs.

import { fileRule, findPattern, type Rule, sample } from "./rule.ts";
import { codeOf, splitScript } from "./script-text.ts";

/** What the engine may not use, with the reason. `bad` is a sample of it. */
const BANNED: readonly { readonly what: string; readonly pattern: RegExp; readonly bad: string }[] = [
  { what: "normalize: QuickJS builds lack it", pattern: /\.normalize\s*\(/g, bad: 'name.normalize("NFC");' },
  { what: "Intl: QuickJS lacks it", pattern: /\bIntl\b/g, bad: "new Intl.Collator();" },
  { what: "locales: engines differ", pattern: /\.localeCompare\b|\.toLocale\w*/g, bad: "n.toLocaleString();" },
  { what: "the console: it has no output of its own", pattern: /\bconsole\s*\./g, bad: 'console.log("a");' },
  {
    what: "timers: it is woken by an input",
    pattern: /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g,
    bad: "setTimeout(f, 1);",
  },
  {
    what: "the clock: time comes in inputs",
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\b|\bperformance\b/g,
    bad: "Date.now();",
  },
  {
    what: "randomness: entropy comes in inputs",
    pattern: /\bMath\s*\.\s*random\b|\bgetRandomValues\b/g,
    bad: "Math.random();",
  },
  { what: "TextEncoder: QuickJS lacks it", pattern: /\bText(?:En|De)coder\b/g, bad: "new TextEncoder();" },
  {
    what: "what belongs to browsers and Node: QuickJS lacks it",
    pattern: /\bstructuredClone\b|\bWebAssembly\b|\bnew\s+URL\b/g,
    bad: "structuredClone(a);",
  },
  {
    what: "what only new engines have",
    pattern: /\bSymbol\s*\.\s*(?:asyncD|d)ispose\b|\bArray\s*\.\s*fromAsync\b/g,
    bad: "Symbol.dispose;",
  },
  {
    what: "promises: a step is synchronous",
    pattern: /\basync\b|\bawait\b|\bPromise\b/g,
    bad: "async function f() {}",
  },
];

const inEngine = (path: string): boolean => path.startsWith("engine/src/");

export const ENGINE_RULES: readonly Rule[] = [
  ...BANNED.map(({ what, pattern, bad }) =>
    fileRule({
      sentence: `the engine does without ${what}`,
      appliesTo: inEngine,
      find: ({ text }) => findPattern(codeOf(text), pattern),
      bad: [sample("engine/src/queue.ts", bad)],
      good: [
        sample("engine/src/queue.ts", `// never ${bad}\nconst text = ${JSON.stringify(bad)};`),
        sample("cli/src/queue.ts", bad),
      ],
    }),
  ),
  fileRule({
    sentence: "the engine has no Unicode property escapes: QuickJS builds lack their tables",
    appliesTo: inEngine,
    find: ({ text }) =>
      splitScript(text)
        .filter(({ kind }) => kind === "regex")
        .flatMap((stretch) => findPattern(stretch.text, /\\[pP]\{/g)),
    bad: [sample("engine/src/name.ts", "const letter = /^\\p{L}+$/u;")],
    good: [sample("engine/src/name.ts", "// not \\p{L}\nconst letter = /^[a-z]+$/;")],
  }),
  fileRule({
    // Who changes a row, and when, is then answered by one file and not by a search.
    sentence: "backup and restore have their SQL in tables/ alone: whoever needs rows names what it wants",
    appliesTo: (path) => /^engine\/src\/(?:backup|restore)\/(?!tables\/)/.test(path),
    find: ({ text }) =>
      findPattern(text, /\bstore\s*\.\s*(?:run|runMany|all|first)\s*\(|\b(?:SELECT|UPDATE|INSERT|DELETE)\s/g),
    bad: [
      sample("engine/src/backup/send/queue.ts", 'const sql = "DELETE FROM blob";'),
      sample("engine/src/restore/queue.ts", "const row = ctx.store.first(sql, [blob]);"),
    ],
    good: [
      sample("engine/src/backup/tables/blob-rows.ts", 'store.run("DELETE FROM blob WHERE id = ?", [blob]);'),
      sample("engine/src/backup/queue.ts", "removeBlob(ctx.store, blob);"),
    ],
  }),
  fileRule({
    // Ten times as slow where few rows are found: the planner looks at the number, and plans again when it is bound.
    sentence: "the engine binds no LIMIT: SQLite prepares such a statement anew each time",
    appliesTo: inEngine,
    find: ({ text }) => findPattern(text, /\bLIMIT \?/g),
    bad: [sample("engine/src/queue.ts", 'const sql = "SELECT id FROM blob LIMIT ?";')],
    good: [sample("engine/src/queue.ts", "const sql = `SELECT id FROM blob LIMIT 10 OFFSET ?`;")],
  }),
  fileRule({
    // The simulator also starts engines that share their modules, and a phone may keep a script for many of them.
    sentence:
      "the engine keeps no state in a module: what is to last is in the Store, the rest in an engine's own objects",
    appliesTo: inEngine,
    find: ({ text }) => findPattern(codeOf(text), /^(?:export )?(?:let|var)\b.*/gm),
    bad: [sample("engine/src/queue.ts", "let count = 0;")],
    good: [sample("engine/src/queue.ts", "function next(count: number) {\n  let more = count;\n  return ++more;\n}")],
  }),
];
