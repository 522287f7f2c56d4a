// Questions that a command asks its person besides secrets. Rule: whoever breaks off has changed nothing, and is told so.

import { CommandFailed } from "./command-end.ts";
import type { CommandFrame } from "./command-run.ts";
import { readTypedLine } from "./host/typed-line.ts";
import { say } from "./language.ts";

/** A line that the person types; a CommandFailed `user-stopped` when they break off. */
export async function askLine({ output }: CommandFrame, question: string): Promise<string> {
  const typed = await readTypedLine(output.terminal.prompt, question, "shown");
  switch (typed.kind) {
    case "line":
      return typed.text.trim();
    case "not-utf8":
      return "";
    case "interrupted":
      output.interrupt();
      throw new CommandFailed("user-stopped", say("owner", "stopped"));
    case "closed":
      throw new CommandFailed("user-stopped", say("owner", "stopped"));
  }
}

/** Goes on when the person says yes; a CommandFailed `user-stopped` else. */
export async function confirm(frame: CommandFrame, question: string): Promise<void> {
  const answer = (await askLine(frame, question)).toLowerCase();
  if (!say("owner", "yes").split(" ").includes(answer))
    throw new CommandFailed("user-stopped", say("owner", "stopped"));
}
