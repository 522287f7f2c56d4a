// What the owner of a story's phone does not want to be backed up. Rule: the meaning is written here anew, so that the
// engine's reading of patterns is compared with another one.

export const EXCLUDED_ENDING = ".skip";
/** The root's patterns. */
export const EXCLUDES: readonly string[] = [`*${EXCLUDED_ENDING}`];

/** Whether a path below the root is excluded, by itself or by a folder above it. */
export function isExcluded(path: string): boolean {
  return path.split("/").some((component) => component.endsWith(EXCLUDED_ENDING));
}
