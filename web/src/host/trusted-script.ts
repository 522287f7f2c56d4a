// The one policy of Trusted Types, `coffre`. Rule: it makes addresses of our own scripts and nothing else; no policy makes HTML.

interface ScriptPolicy {
  createScriptURL(url: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptPolicy;
}

let policy: ScriptPolicy | null = null;

/** `url`, as the address of a script of this origin, for a `Worker`. */
export function trustedScript(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyFactory };
  if (trustedTypes === undefined) return url;
  policy ??= trustedTypes.createPolicy("coffre", { createScriptURL: requireOwn });
  return policy.createScriptURL(url);
}

function requireOwn(url: string): string {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError("expected a script of this origin");
  return url;
}
