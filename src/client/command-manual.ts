import { COMMANDS } from "./command-table.ts";

/** The table of commands as the manual page has it, in the language of man(7). */
export function commandsAsRoff(): string {
  return COMMANDS.map(({ heading, commands }) => {
    const entries = commands.map(
      ([command, explanation]) => `.TP\n.B ${roff(command)}\n${roff(explanation)}\n`,
    );
    return `.SS ${sentenceCase(heading)}\n${entries.join("")}`;
  }).join("");
}

/** Characters that man(7) would take for something else. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^[.']/, (first) => `\\&${first}`);
}

function sentenceCase(heading: string): string {
  return heading.slice(0, 1) + heading.slice(1).toLowerCase();
}
