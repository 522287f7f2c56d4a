// What is being saved, and how it ended. Rule: what the browser copies by itself is called handed over, never saved.

import { useSession, useSessionState } from "../session/session-context.tsx";
import { showName, useWords } from "../words/language.tsx";
import { Button, Progress } from "./controls.tsx";

const MOST_NAMED = 5;

export function SavePanel() {
  const session = useSession();
  const state = useSessionState();
  if (state.kind !== "open" || state.save === null) return null;
  const { save } = state;
  return (
    <aside className="fixed inset-x-0 bottom-0 z-10 border-t border-line bg-card/95 backdrop-blur">
      <div className="mx-auto flex w-full max-w-5xl flex-col gap-3 px-4 py-4 sm:px-6" role="status">
        {save.kind === "under-way" ? <UnderWay save={save} /> : <Ended save={save} close={() => session.closeSave()} />}
      </div>
    </aside>
  );
}

type Save = NonNullable<Extract<ReturnType<typeof useSessionState>, { kind: "open" }>["save"]>;

function UnderWay({ save }: { readonly save: Save & { readonly kind: "under-way" } }) {
  const session = useSession();
  const { say, saySize } = useWords();
  const { bytesDone, bytesTotal } = save;
  return (
    <div className="flex items-center gap-4">
      <div className="min-w-0 flex-1 space-y-2">
        <p className="flex flex-wrap justify-between gap-x-4 text-sm">
          <span className="font-medium">{say("save.under-way")}</span>
          {bytesTotal > 0 && (
            <span className="text-soft tabular-nums">
              {say("save.progress", { done: saySize(bytesDone), total: saySize(bytesTotal) })}
            </span>
          )}
        </p>
        <Progress part={bytesTotal === 0 ? null : bytesDone / bytesTotal} label={say("save.under-way")} />
      </div>
      <Button onPress={() => session.stopSaving()}>{say("save.stop")}</Button>
    </div>
  );
}

function Ended({ save, close }: { readonly save: Save & { readonly kind: "ended" }; readonly close: () => void }) {
  const { say, sayCode } = useWords();
  const { handed, inFolder, damage, code } = save;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-48 font-medium break-words">
          {handed !== null && say("save.handed", { name: showName(handed.name) })}
          {handed === null && inFolder && say("save.done-folder")}
          {handed === null && !inFolder && say("save.failed", { words: sayCode(code ?? "host-error") })}
        </p>
        {handed !== null && <Button onPress={handed.again}>{say("save.again")}</Button>}
        <Button look="strong" onPress={close}>
          {say("save.close")}
        </Button>
      </div>
      {damage.length > 0 && (
        <div className="text-sm text-bad">
          <p>{say("save.some-failed")}</p>
          <ul className="list-disc pl-5">
            {damage.slice(0, MOST_NAMED).map(({ path, record, code: each }) => (
              <li key={`${each} ${path} ${record}`} className="break-words">
                {showName(path ?? String(record ?? ""))}: {sayCode(each)}
              </li>
            ))}
          </ul>
          {damage.length > MOST_NAMED && <p>{say("damage.more", { count: damage.length - MOST_NAMED })}</p>}
        </div>
      )}
    </>
  );
}
