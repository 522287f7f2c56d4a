// What the system calls an error. Rule: code asks for the name, never for the message, which holds paths.

/** The errno name of a system error such as `ENOENT`; "" for anything else. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
