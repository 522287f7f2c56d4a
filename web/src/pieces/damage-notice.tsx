// What could not be read of a vault. Rule: it is said on every screen that shows less because of it.

import type { DamageView } from "coffre-engine";
import { showName, useWords } from "../words/language.tsx";

const MOST_NAMED = 20;

export function DamageNotice({ damage }: { readonly damage: readonly DamageView[] }) {
  const { say, sayCode } = useWords();
  if (damage.length === 0) return null;
  return (
    <details role="alert" className="rounded-xl bg-bad-tint px-4 py-3 text-sm text-bad">
      <summary className="font-medium">{say("damage.title")}</summary>
      <ul className="mt-2 list-disc pl-5">
        {damage.slice(0, MOST_NAMED).map(({ code, device, record, path }) => (
          <li key={`${code} ${device} ${record} ${path}`}>
            {[device, record, path]
              .filter((part) => part !== undefined)
              .map(String)
              .map(showName)
              .join(" · ")}
            : {sayCode(code)}
          </li>
        ))}
      </ul>
      {damage.length > MOST_NAMED && <p>{say("damage.more", { count: damage.length - MOST_NAMED })}</p>}
    </details>
  );
}
