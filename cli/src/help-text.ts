// What stands below the options in a command's help. Rule: it fits the terminal's width; a line that is indented is a command,
// which goes on in the next line as a shell takes it.

import type { AddHelpTextContext } from "commander";

const PLAIN_COLUMNS = 80;
const NARROWEST = 40;
/** Before the second line of a command, and those after it. */
const CONTINUED = "      ";
/** An option with what stands behind it, or a word; quotes hold blanks together. */
const OPTIONS_AND_WORDS = /--[\w-]+ (?:'[^']*'|[^\s-]\S*)|(?:'[^']*'|[^\s'])+/g;

/** For `addHelpText("after", …)`: `text`, with a blank line above it. */
export function helpText(text: string): (context: AddHelpTextContext) => string {
  return ({ command }) => {
    const columns = command.configureOutput().getOutHelpWidth?.() ?? PLAIN_COLUMNS;
    return `\n${wrapParagraphs(text.trim(), Math.max(NARROWEST, columns))}`;
  };
}

/** Text whose paragraphs, which end with an empty or an indented line, have lines of at most `columns` characters. */
export function wrapParagraphs(text: string, columns: number): string {
  const lines: string[] = [];
  let paragraph: string[] = [];
  const end = (): void => {
    lines.push(...wrapWords(paragraph, columns));
    paragraph = [];
  };
  for (const line of text.split("\n")) {
    if (line !== "" && !line.startsWith(" ")) paragraph.push(...line.split(" "));
    else {
      end();
      lines.push(...(line === "" ? [""] : wrapCommand(line, columns)));
    }
  }
  end();
  return lines.join("\n");
}

/** A command in lines that end in a backslash, but for the last. */
function wrapCommand(line: string, columns: number): string[] {
  const words = line.match(OPTIONS_AND_WORDS) ?? [];
  const rows = wrapWords(words, columns - `${CONTINUED} \\`.length);
  const last = rows.length - 1;
  return rows.map((row, at) => `${at === 0 ? "  " : CONTINUED}${row}${at < last ? " \\" : ""}`.trimEnd());
}

function wrapWords(words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
