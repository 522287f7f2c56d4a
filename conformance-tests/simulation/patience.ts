// Whether an engine waits as long as a busy server asks (docs/protocol.md P-5). Rule: judged by what crosses the border, and
// only where nothing else was under way, so that what goes on then was begun after the server had asked.

/** The longest pause that a server can ask for; a clock that was set back by more ends it. */
const MOST_MS = 3_600_000;
const BUSY: readonly number[] = [429, 503];
const ASKS_FOR_A_PAUSE = '"retry-after"';
const BEGINS_AN_EXCHANGE = /\{"kind":"(?:request|upload|download)",/;

interface Step {
  readonly now: number;
  readonly inputs: readonly {
    readonly kind: string;
    readonly answer?: { readonly kind: string; readonly status?: number; readonly headers?: Record<string, string> };
  }[];
}

type Handle = (text: string) => string;

/** `handle`, watched. `isQuiet`: nothing is under way or waits to be handed over. `complain` hears of what came too early. */
export function watchPatience(handle: Handle, isQuiet: () => boolean, complain: (what: string) => void): Handle {
  /** In the phone's own time; null while it may ask. */
  let pauseEndsMs: number | null = null;
  return (text) => {
    const asksForPause = text.includes(ASKS_FOR_A_PAUSE) && isQuiet();
    if (!asksForPause && pauseEndsMs === null) return handle(text);
    const step = JSON.parse(text) as Step;
    if (pauseEndsMs !== null && (step.now >= pauseEndsMs || pauseEndsMs - step.now > MOST_MS)) pauseEndsMs = null;
    if (asksForPause) pauseEndsMs = endOfPause(step) ?? pauseEndsMs;
    const out = handle(text);
    if (pauseEndsMs !== null && BEGINS_AN_EXCHANGE.test(out)) {
      complain(`the server was asked ${pauseEndsMs - step.now} ms before the pause was over that it had asked for`);
    }
    return out;
  };
}

/** When the pause ends that the only answer of a step asks for; null when there is no such one. */
function endOfPause({ now, inputs }: Step): number | null {
  const answers = inputs.flatMap(({ kind, answer }) => (kind === "answer" && answer !== undefined ? [answer] : []));
  const [answer] = answers;
  if (answers.length !== 1 || answer?.kind !== "response" || !BUSY.includes(answer.status ?? 0)) return null;
  const seconds = Number(answer.headers?.["retry-after"]);
  return Number.isInteger(seconds) ? now + Math.min(seconds * 1_000, MOST_MS) : null;
}
