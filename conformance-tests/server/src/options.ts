// The command line's options. Rule: what cannot be meant is refused with a sentence, before anything is sent.

import { parseArgs } from "node:util";

export type Options = {
  readonly url: URL | null;
  readonly invitations: readonly string[];
  readonly login: string | null;
  /** A file; its first line is the passphrase of `login`. */
  readonly passphraseFile: string | null;
  readonly pin: string | null;
  readonly mayInsecureLoopback: boolean;
  readonly level: "must" | "should" | "all";
  readonly sections: readonly string[];
  readonly ids: readonly string[];
  readonly expectedFailures: string | null;
  readonly killCommand: string | null;
  readonly restartCommand: string | null;
  readonly outputFolder: string | null;
  readonly isQuiet: boolean;
  readonly task: "run" | "list" | "help" | "version";
};

/** Thrown for options that cannot be meant. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

export const HELP = `coffre-conformance: holds a server to the Coffre protocol, from outside.

  coffre-conformance --url https://backup.example [--invitation CODE …]

Every check quotes the sentence of docs/protocol.md that it is about. The suite makes its own vaults, with names that
begin with "check-", and ends its sessions; it reads and changes no other vault. The vaults stay: use a server whose
data may go.

Where the server is
  --url URL                 its address; a path before /v1 is kept
  --pin HEX                 take the certificate whose key has this SHA-256 (SPKI), and no other
  --insecure-loopback       take any certificate of a server on this machine
  --invitation CODE         for a server that asks for one; each vault uses one up, so give as many as you can
                            (about 60 for a whole run; without them checks are not-applicable)
  --login LOGIN             for a server that makes no accounts: use this one, with its data. The suite pairs a device
  --passphrase-file FILE    of its own, and revokes it with all its records at the end; needs Node 24.7 or newer

What is checked
  --level must|should|all   only MUST (the default), SHOULD as well, or MAY as well
  --section N               only section N, or one requirement such as P-31; may be given again
  --check ID                only this check; may be given again
  --list                    list the checks with their sentences, and send nothing

Durability
  --kill-cmd COMMAND        kills the server at once (kill -9), without letting it finish anything
  --restart-cmd COMMAND     starts it again in the background; alone, it also kills it
                            Both run in a shell. Without --restart-cmd the durability checks are not-applicable.

What comes out
  --expected-failures FILE  ids of checks that fail, one a line, "#" begins a comment; an entry that passes is a failure
  --output FOLDER           write results.json, junit.xml and report.html there
  --quiet                   print only what did not pass, and the sum
  --help, --version

Exit code: 0 when everything that was asked holds, 1 when something does not, 2 when nothing can be said (no server,
wrong options, or a fault of the suite itself).
`;

/** The options that the arguments say; OptionError when they cannot be meant. */
export function parseOptions(args: readonly string[]): Options {
  const values = readValues(args);
  const task = values.help ? "help" : values.version ? "version" : values.list ? "list" : "run";
  const level = values.level ?? "must";
  if (level !== "must" && level !== "should" && level !== "all")
    throw new OptionError("--level is must, should or all");
  const sections = values.section ?? [];
  const odd = sections.find((section) => !/^(?:[1-9]\d?|P-\d+)$/.test(section));
  if (odd !== undefined)
    throw new OptionError("--section is a number of docs/protocol.md, such as 4, or an id, such as P-31");
  if (values.pin !== undefined && !/^[0-9a-fA-F]{64}$/.test(values.pin)) {
    throw new OptionError("--pin is 64 hex digits: the SHA-256 of the key's SPKI");
  }
  if (task === "run" && values.url === undefined) throw new OptionError("--url is missing; --help tells more");
  if (values["kill-cmd"] !== undefined && values["restart-cmd"] === undefined) {
    throw new OptionError("--kill-cmd needs --restart-cmd: who should start the server again?");
  }
  if ((values.login === undefined) !== (values["passphrase-file"] === undefined)) {
    throw new OptionError("--login and --passphrase-file come together");
  }
  return {
    url: values.url === undefined ? null : parseUrl(values.url),
    invitations: values.invitation ?? [],
    login: values.login ?? null,
    passphraseFile: values["passphrase-file"] ?? null,
    pin: values.pin ?? null,
    mayInsecureLoopback: values["insecure-loopback"] ?? false,
    level,
    sections,
    ids: values.check ?? [],
    expectedFailures: values["expected-failures"] ?? null,
    killCommand: values["kill-cmd"] ?? null,
    restartCommand: values["restart-cmd"] ?? null,
    outputFolder: values.output ?? null,
    isQuiet: values.quiet ?? false,
    task,
  };
}

function readValues(args: readonly string[]) {
  const text = { type: "string" } as const;
  const list = { type: "string", multiple: true } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: text,
        invitation: list,
        login: text,
        "passphrase-file": text,
        pin: text,
        "insecure-loopback": flag,
        level: text,
        section: list,
        check: list,
        list: flag,
        "expected-failures": text,
        "kill-cmd": text,
        "restart-cmd": text,
        output: text,
        quiet: flag,
        help: flag,
        version: flag,
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" && url.hash === "";
  if (url === null || !isPlain)
    throw new OptionError("--url is an address of http or https without user, query and fragment");
  return url;
}
