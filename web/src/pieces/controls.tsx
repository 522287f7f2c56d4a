// Buttons, fields and lines that every screen is made of. Rule: plain elements with a visible focus; fields stand in no form, so
// that no browser keeps what is typed.

import type { ChangeEvent, KeyboardEvent, ReactNode } from "react";
import { useId } from "react";

interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress: () => void;
  readonly look?: "strong" | "plain" | "quiet";
  readonly disabled?: boolean;
  readonly label?: string;
}

const LOOKS = {
  strong: "bg-accent text-on-accent hover:bg-accent-strong disabled:opacity-50",
  plain: "border border-line bg-card text-ink hover:bg-wash disabled:opacity-50",
  quiet: "text-accent hover:bg-tint disabled:opacity-50",
};

export function Button({ children, onPress, look = "plain", disabled = false, label }: ButtonProps) {
  return (
    <button
      type="button"
      className={`inline-flex min-h-11 items-center justify-center gap-2 rounded-xl px-4 font-medium transition-colors ${LOOKS[look]}`}
      onClick={onPress}
      disabled={disabled}
      aria-label={label}
    >
      {children}
    </button>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onEnter?: () => void;
  readonly secret?: boolean;
  readonly rows?: number;
  readonly autoFocus?: boolean;
}

export function Field({ label, value, onChange, onEnter, secret = false, rows, autoFocus = false }: FieldProps) {
  const id = useId();
  const look =
    "w-full rounded-xl border border-line bg-card px-3.5 py-2.5 text-base text-ink focus-visible:outline-accent";
  const all = {
    id,
    value,
    className: look,
    autoComplete: "off",
    autoCapitalize: "off",
    spellCheck: false,
    autoFocus,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onChange(event.target.value),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter") onEnter?.();
    },
  };
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {rows === undefined ? <input {...all} type={secret ? "password" : "text"} /> : <textarea {...all} rows={rows} />}
    </div>
  );
}

export function Notice({
  children,
  look = "plain",
}: {
  readonly children: ReactNode;
  readonly look?: "plain" | "bad";
}) {
  const colours = look === "bad" ? "bg-bad-tint text-bad" : "bg-wash text-soft";
  return (
    <div role={look === "bad" ? "alert" : "status"} className={`rounded-xl px-4 py-3 text-sm ${colours}`}>
      {children}
    </div>
  );
}

/** A bar; `part` from 0 to 1, or null while nobody knows. */
export function Progress({ part, label }: { readonly part: number | null; readonly label: string }) {
  return (
    <progress
      aria-label={label}
      className="h-1.5 w-full appearance-none overflow-hidden rounded-full bg-wash [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-wash [&::-webkit-progress-value]:bg-accent"
      {...(part === null ? {} : { value: part, max: 1 })}
    />
  );
}
