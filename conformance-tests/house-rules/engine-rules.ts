// Rules of the portable engine: what QuickJS, V8 and Node do not all have, or do differently, and what would make a
// step depend on anything but its inputs.

import { fileRule, findPattern, type Rule, sample } from "./rule.ts";
import { codeOf, splitScript } from "./script-text.ts";

/** What the engine may not use, with the reason. */
const BANNED: readonly { readonly pattern: RegExp; readonly why: string; readonly bad: string }[] = [
  { pattern: /\.normalize\s*\(/g, why: "missing in QuickJS builds", bad: 'name.normalize("NFC");' },
  { pattern: /\bIntl\b/g, why: "missing in QuickJS", bad: "new Intl.Collator();" },
  { pattern: /\.localeCompare\b|\.toLocale\w*/g, why: "differs between engines", bad: "n.toLocaleString();" },
  { pattern: /\bconsole\s*\./g, why: "no output of its own", bad: 'console.log("a");' },
  { pattern: /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g, why: "no timers", bad: "setTimeout(f, 1);" },
  { pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\b|\bperformance\b/g, why: "time comes in inputs", bad: "Date.now();" },
  { pattern: /\bMath\s*\.\s*random\b|\bgetRandomValues\b/g, why: "entropy comes in inputs", bad: "Math.random();" },
  { pattern: /\bText(?:En|De)coder\b/g, why: "missing in QuickJS", bad: "new TextEncoder();" },
  {
    pattern: /\bstructuredClone\b|\bWebAssembly\b|\bnew\s+URL\b/g,
    why: "missing in QuickJS",
    bad: "structuredClone(a);",
  },
  {
    pattern: /\bSymbol\s*\.\s*(?:async)?[dD]ispose\b|\bArray\s*\.\s*fromAsync\b/g,
    why: "differs",
    bad: "Symbol.dispose;",
  },
  { pattern: /\basync\b|\bawait\b|\bPromise\b/g, why: "handle is synchronous", bad: "async function step() {}" },
];

const inEngine = (path: string): boolean => path.startsWith("engine/src/");

export const ENGINE_RULES: readonly Rule[] = [
  ...BANNED.map(({ pattern, why, bad }) =>
    fileRule({
      sentence: `the engine does not use ${pattern.source} (${why})`,
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
];
