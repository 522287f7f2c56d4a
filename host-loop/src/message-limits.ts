// How long a text that crosses the border may be (docs/host-api.md H-1, §3). Rule: a limit that both directions keep stands here.

/** The longest message in either direction, in characters (H-1). */
export const MESSAGE_CHARS = 524_288;

/** The longest answer to an effect, in characters (docs/host-api.md §3). */
export const ANSWER_CHARS = 393_216;
