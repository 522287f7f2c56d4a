// What stands around every screen of an open vault: where one can go, the lock, and what is being saved.

import { type ReactNode, useState } from "react";
import { NavLink, useLocation } from "react-router";
import { Button } from "../pieces/controls.tsx";
import { LockIcon, SafeIcon } from "../pieces/icons.tsx";
import { LanguageChoice } from "../pieces/language-choice.tsx";
import { SavePanel } from "../pieces/save-panel.tsx";
import { useSession } from "../session/session-context.tsx";
import { useWords } from "../words/language.tsx";

export function Shell({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const { say } = useWords();
  const [isAsked, setIsAsked] = useState(false);
  const lock = (): void => {
    if (session.isHandingOver) setIsAsked(true);
    else session.lock();
  };
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-5xl flex-col px-4 sm:px-6">
      <header className="flex flex-wrap items-center gap-x-6 gap-y-2 py-4">
        <span className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
          <SafeIcon className="size-7" />
          Coffre
        </span>
        <nav className="order-last -mx-2 flex w-full flex-wrap sm:mx-0 sm:gap-1 sm:order-none sm:w-auto">
          <Tab to="/vault/0">{say("app.files")}</Tab>
          <Tab to="/photos">{say("app.photos")}</Tab>
          <Tab to="/devices">{say("app.devices")}</Tab>
          <Tab to="/account">{say("app.account")}</Tab>
        </nav>
        <div className="ml-auto">
          <Button onPress={lock}>
            <LockIcon />
            {say("app.lock")}
          </Button>
        </div>
      </header>
      {isAsked && (
        <div
          role="alertdialog"
          aria-label={say("app.lock")}
          className="mb-4 rounded-2xl border border-line bg-card p-5"
        >
          <p>{say("lock.pending")}</p>
          <div className="mt-4 flex flex-wrap gap-2">
            <Button look="strong" onPress={() => session.lock()}>
              {say("lock.anyway")}
            </Button>
            <Button onPress={() => setIsAsked(false)}>{say("lock.wait")}</Button>
          </div>
        </div>
      )}
      <main className="flex-1 pb-40">{children}</main>
      <footer className="flex justify-end py-6">
        <LanguageChoice />
      </footer>
      <SavePanel />
    </div>
  );
}

function Tab({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  const { pathname } = useLocation();
  const isPlace = /^\/(?:vault|file)\//.test(pathname);
  return (
    <NavLink
      to={to}
      className={({ isActive }) =>
        `rounded-lg px-2.5 py-2 text-sm sm:px-3 font-medium ${isActive || (isPlace && to.startsWith("/vault/")) ? "bg-tint text-accent" : "text-soft hover:bg-wash hover:text-ink"}`
      }
    >
      {children}
    </NavLink>
  );
}
