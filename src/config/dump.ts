import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { pretty } from "./pretty.ts";

/** The command stream as `-d` prints it: one command a line in Python's literal notation. */
export function dump(commands: readonly PyValue[][]): string {
  return commands.map((command) => `${repr(command)}\n`).join("");
}

/** The command stream as `--dp` prints it: long commands are broken into lines. */
export function dumpPretty(commands: readonly PyValue[][]): string {
  return commands.map((command) => `${pretty(command)}\n`).join("");
}
