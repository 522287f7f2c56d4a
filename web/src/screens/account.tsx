// The owner's account: the second factor. Rule: what is shown once is shown once, and nothing of it is kept here.

import { useState } from "react";
import { Button, Field, Notice } from "../pieces/controls.tsx";
import type { SecondFactor } from "../session/session.ts";
import { useSession } from "../session/session-context.tsx";
import { useWords } from "../words/language.tsx";

type Stage =
  | { readonly kind: "idle"; readonly said: "confirmed" | "removed" | null }
  | { readonly kind: "busy" }
  | { readonly kind: "enrolling"; readonly factor: SecondFactor };

export function AccountScreen() {
  const session = useSession();
  const { say, sayCode } = useWords();
  const [stage, setStage] = useState<Stage>({ kind: "idle", said: null });
  const [failure, setFailure] = useState<string | null>(null);
  const [code, setCode] = useState("");
  /** Does something; on a failure everything is as it was, and its sentence is shown. */
  const attempt = async (work: () => Promise<Stage>): Promise<void> => {
    setFailure(null);
    setStage({ kind: "busy" });
    try {
      setStage(await work());
      setCode("");
    } catch (error) {
      setFailure(session.codeOf(error));
      setStage(stage);
    }
  };
  const begin = async (): Promise<Stage> => ({ kind: "enrolling", factor: await session.beginSecondFactor() });
  const confirm = async (): Promise<Stage> => {
    await session.must({ kind: "confirm-second-factor", code: code.trim() });
    return { kind: "idle", said: "confirmed" };
  };
  const remove = async (): Promise<Stage> => {
    await session.must({ kind: "remove-second-factor" });
    return { kind: "idle", said: "removed" };
  };
  return (
    <div className="max-w-xl space-y-5">
      <h1 className="text-base font-semibold">{say("app.account")}</h1>
      {failure !== null && <Notice look="bad">{sayCode(failure)}</Notice>}
      <section className="space-y-4 rounded-2xl border border-line bg-card p-5 sm:p-6">
        <h2 className="font-semibold">{say("factor.title")}</h2>
        <p className="text-sm text-soft">{say("factor.explain")}</p>
        {stage.kind === "idle" && stage.said !== null && <Notice>{say(`factor.${stage.said}`)}</Notice>}
        {stage.kind === "enrolling" ? (
          <Enrolling
            factor={stage.factor}
            code={code}
            setCode={setCode}
            confirm={() => void attempt(confirm)}
            cancel={() => setStage({ kind: "idle", said: null })}
          />
        ) : (
          <div className="flex flex-wrap gap-2">
            <Button look="strong" disabled={stage.kind === "busy"} onPress={() => void attempt(begin)}>
              {say("factor.begin")}
            </Button>
            <Button disabled={stage.kind === "busy"} onPress={() => void attempt(remove)}>
              {say("factor.remove")}
            </Button>
          </div>
        )}
      </section>
    </div>
  );
}

interface EnrollingProps {
  readonly factor: SecondFactor;
  readonly code: string;
  readonly setCode: (code: string) => void;
  readonly confirm: () => void;
  readonly cancel: () => void;
}

function Enrolling({ factor, code, setCode, confirm, cancel }: EnrollingProps) {
  const { say } = useWords();
  return (
    <div className="space-y-4">
      <div className="space-y-1">
        <p className="text-sm">{say("factor.secret")}</p>
        <p className="rounded-xl bg-wash px-4 py-3 font-mono break-all select-all">{factor.secret}</p>
      </div>
      <div className="space-y-1">
        <p className="text-sm">{say("factor.recovery")}</p>
        <ul className="grid grid-cols-1 gap-x-6 rounded-xl bg-wash px-4 py-3 font-mono text-sm select-all sm:grid-cols-2">
          {factor.recoveryCodes.map((each) => (
            <li key={each} className="break-all">
              {each}
            </li>
          ))}
        </ul>
      </div>
      <Field label={say("factor.code")} value={code} onChange={setCode} onEnter={confirm} autoFocus />
      <div className="flex flex-wrap gap-2">
        <Button look="strong" disabled={code.trim() === ""} onPress={confirm}>
          {say("factor.confirm")}
        </Button>
        <Button look="quiet" onPress={cancel}>
          {say("common.back")}
        </Button>
      </div>
    </div>
  );
}
