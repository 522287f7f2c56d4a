// The session of this tab, for every screen. Rule: one session a tab.

import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react";
import { Session, type SessionState } from "./session.ts";

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  useEffect(() => {
    const { touch, wake } = SESSION;
    const look = (): void => {
      if (document.visibilityState === "visible") wake();
    };
    const warn = (event: BeforeUnloadEvent): void => {
      if (SESSION.isHandingOver) event.preventDefault();
    };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touch, { passive: true });
    document.addEventListener("visibilitychange", look);
    addEventListener("beforeunload", warn);
    return () => {
      for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, touch);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("beforeunload", warn);
    };
  }, []);
  return <SessionContext value={SESSION}>{children}</SessionContext>;
}

const SESSION = new Session();

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("expected a page with a session");
  return session;
}

/** The state of the session, read anew whenever it changes. */
export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.read);
}
