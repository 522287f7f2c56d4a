// What a mutant of the reference server is. Rule: a mutant is one deliberate fault, put into one file by text that stands there
// exactly once, and it names every check of the suite that must fail for it.

export type ServerMutant = {
  readonly name: string;
  /** What the server does wrong, in one sentence. */
  readonly fault: string;
  /** A path below `server/src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The ids of the checks that fail or warn, in the order of the suite; all others must not. */
  readonly checks: readonly string[];
  /** Shows only after the server was killed. */
  readonly needsKill?: boolean;
};

/** The file's text with the fault in it; an Error unless its place is there once. */
export function applyFault({ name, file, find, replace }: ServerMutant, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${name}: its text stands ${parts.length - 1} times in ${file}`);
  return parts.join(replace);
}
