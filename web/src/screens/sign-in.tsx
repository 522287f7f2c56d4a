// The sign-in, which is also what is shown after a lock. Rule: it says in one sentence whom this page asks to trust.

import { useEffect, useState } from "react";
import { Button, Field, Notice, Progress } from "../pieces/controls.tsx";
import { SafeIcon } from "../pieces/icons.tsx";
import { LanguageChoice } from "../pieces/language-choice.tsx";
import { readLocalToken } from "../session/local-token.ts";
import { NEEDS_CODE, type SessionState } from "../session/session.ts";
import { useSession } from "../session/session-context.tsx";
import { useWords } from "../words/language.tsx";

type Closed = Exclude<SessionState, { kind: "open" }>;

export function SignInScreen({ state }: { readonly state: Closed }) {
  const { say } = useWords();
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-md flex-col px-5 py-8 sm:py-16">
      <header className="flex items-center gap-3">
        <SafeIcon />
        <div>
          <p className="text-xl leading-tight font-semibold tracking-tight">Coffre</p>
          <p className="text-sm text-soft">{say("app.tagline")}</p>
        </div>
      </header>
      <main className="mt-8 rounded-2xl border border-line bg-card p-5 sm:p-7">
        {!isSecureContext ? <Notice look="bad">{say("sign-in.plain-http")}</Notice> : <Door state={state} />}
      </main>
      <p className="mt-5 px-1 text-sm text-soft">
        {say(readLocalToken() !== null ? "sign-in.local" : "sign-in.trust", { host: location.host })}
      </p>
      <footer className="mt-auto flex items-end justify-between gap-4 px-1 pt-8 text-sm text-soft">
        <span>{say("sign-in.stays")}</span>
        <LanguageChoice />
      </footer>
    </div>
  );
}

function Door({ state }: { readonly state: Closed }) {
  const { say } = useWords();
  if (state.kind === "locked") {
    return state.failure?.code === NEEDS_CODE ? <CodeEntry /> : <SignIn state={state} />;
  }
  const sentence = say(`sign-in.${state.stage}`);
  return (
    <div className="space-y-4 py-6" role="status">
      <p className="font-medium">{sentence}</p>
      <Progress part={null} label={sentence} />
    </div>
  );
}

/** Asks for the code of the second factor. */
function CodeEntry() {
  const session = useSession();
  const { say } = useWords();
  const [code, setCode] = useState("");
  const isReady = code.trim() !== "";
  const open = (): void => {
    if (isReady) session.goOn(code.trim());
  };
  return (
    <div className="space-y-5">
      <h1 className="text-lg font-semibold">{say("sign-in.code-title")}</h1>
      <p className="text-sm text-soft">{say("sign-in.code-explain")}</p>
      <Field label={say("sign-in.code")} value={code} onChange={setCode} onEnter={open} autoFocus />
      <div className="flex flex-col gap-2">
        <Button look="strong" onPress={open} disabled={!isReady}>
          {say("sign-in.open")}
        </Button>
        <Button look="quiet" onPress={() => session.goOn(null)}>
          {say("common.back")}
        </Button>
      </div>
    </div>
  );
}

function SignIn({ state }: { readonly state: Closed & { readonly kind: "locked" } }) {
  const session = useSession();
  const { say, sayCode } = useWords();
  const [login, setLogin] = useState(state.failure?.login ?? "");
  const [secret, setSecret] = useState("");
  const [byWords, setByWords] = useState(false);
  useEffect(() => session.prepare(), [session]);
  const isReady = login.trim() !== "" && secret !== "";
  const open = (): void => {
    if (!isReady) return;
    const given = byWords ? { words: secret.trim().split(/\s+/).join(" ") } : { passphrase: secret };
    setSecret("");
    void session.open({ login: login.trim(), ...given });
  };
  const { why } = state;
  return (
    <div className="space-y-5">
      <h1 className="text-lg font-semibold">{say("sign-in.title")}</h1>
      {state.failure !== null && <Notice look="bad">{sayCode(state.failure.code)}</Notice>}
      {why?.kind === "asked" && <Notice>{say("locked.now")}</Notice>}
      {why?.kind === "idle" && <Notice>{say("locked.idle")}</Notice>}
      {why?.kind === "failed" && <Notice look="bad">{say("locked.failed", { words: sayCode(why.code) })}</Notice>}
      <Field label={say("sign-in.login")} value={login} onChange={setLogin} onEnter={open} autoFocus={login === ""} />
      {byWords ? (
        <Field label={say("sign-in.words")} value={secret} onChange={setSecret} rows={4} />
      ) : (
        <Field
          label={say("sign-in.passphrase")}
          value={secret}
          onChange={setSecret}
          onEnter={open}
          secret
          autoFocus={state.failure !== null}
        />
      )}
      <div className="flex flex-col gap-2">
        <Button look="strong" onPress={open} disabled={!isReady}>
          {say("sign-in.open")}
        </Button>
        <Button
          look="quiet"
          onPress={() => {
            setByWords(!byWords);
            setSecret("");
          }}
        >
          {say(byWords ? "sign-in.use-passphrase" : "sign-in.use-words")}
        </Button>
      </div>
    </div>
  );
}
