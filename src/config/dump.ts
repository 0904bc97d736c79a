import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";

/** The command stream as `-d` prints it: one command a line in Python's literal notation. */
export function dump(commands: readonly PyValue[][]): string {
  return commands.map((command) => `${repr(command)}\n`).join("");
}
