// The time at which the vault is looked at: now, or the end of a day.

import type { SessionState } from "../session/session.ts";
import { useSession } from "../session/session-context.tsx";
import { useWords } from "../words/language.tsx";
import { Button } from "./controls.tsx";

const DAY_MS = 86_400_000;

export function TimeChoice({ vault }: { readonly vault: SessionState & { readonly kind: "open" } }) {
  const session = useSession();
  const { say } = useWords();
  const { atMs, isReading } = vault;
  const choose = (day: string): void => {
    const startMs = new Date(`${day}T00:00:00`).getTime();
    if (Number.isFinite(startMs)) void session.lookAt(startMs + DAY_MS - 1);
  };
  return (
    <div className="flex items-center gap-2 text-sm">
      <label className="flex items-center gap-2 text-soft">
        {say("folder.as-of")}
        <input
          type="date"
          value={atMs === null ? "" : dayOf(atMs)}
          max={dayOf(Date.now())}
          disabled={isReading}
          onChange={(event) => choose(event.target.value)}
          className="rounded-lg border border-line bg-card px-2 py-2 text-ink"
        />
      </label>
      {atMs !== null && (
        <Button look="quiet" disabled={isReading} onPress={() => void session.lookAt(null)}>
          {say("folder.now")}
        </Button>
      )}
    </div>
  );
}

/** The local day, as a date field has it. */
function dayOf(timeMs: number): string {
  const time = new Date(timeMs);
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
}
