import { constants } from "node:os";
import { LEVELS, type Logger } from "../log/logger.ts";
import { repr, reprString } from "../pyvalue/repr.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import type { ShellResult } from "./shell.ts";

/** Between DEBUG and TRACEDEBUG: the text of commands that succeeded. */
const COMMAND_LEVEL = 9;
/** Where Python's `splitlines` ends a line. */
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** A command as logs show it: its text, or script and values as a list. */
export function commandText(command: ShellCommand): string {
  return command.values.length === 0 ? command.script : repr([command.script, ...command.values]);
}

/** True when the command did what it should. */
export function succeeded(result: ShellResult): boolean {
  return result.code === 0 && !result.timedOut;
}

/** Writes what became of commands. A failure is told at ERROR with all its output, a success at DEBUG. */
export class CommandLog {
  readonly #logger: Logger;
  #serial = 0x7f0000000000;

  /** @param logger the logger `fail2ban.utils` */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(command: ShellCommand, result: ShellResult, timeoutSeconds: number): void {
    if (result.error) {
      this.#logger.error(`${commandText(command)} -- failed with ${result.error.message}`);
      return;
    }
    const success = succeeded(result);
    const level = success ? LEVELS.DEBUG : LEVELS.ERROR;
    if (!this.#logger.isEnabled(success ? COMMAND_LEVEL : level) && !this.#logger.isEnabled(level)) return;
    this.#serial += 0x10;
    const id = this.#serial.toString(16);
    const log = (at: number, text: string) => this.#logger.log(at, `${id} -- ${text}`);
    log(success ? COMMAND_LEVEL : level, `exec: ${commandText(command)}`);
    if (result.timedOut) log(level, `timed out after ${timeoutSeconds} seconds.`);
    for (const line of outputLines(result.stdout)) log(level, `stdout: ${reprString(line)}`);
    for (const line of outputLines(result.stderr)) log(level, `stderr: ${reprString(line)}`);
    if (result.droppedBytes > 0) log(level, `output: ${result.droppedBytes} bytes more`);
    log(level, ending(result.code));
    if (result.code === 127) this.#logger.info(notFoundHint(command));
  }
}

function outputLines(output: string): string[] {
  const lines = output.split(LINE_END);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function ending(code: number | null): string {
  if (code === null) return "did not end after SIGKILL";
  if (code === 0) return "returned successfully 0";
  if (code > 0 && code <= 128) return `returned ${code}`;
  const number = code < 0 ? -code : code - 128;
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return `killed with ${name ?? `signal ${number}`} (return code: ${code})`;
}

function notFoundHint(command: ShellCommand): string {
  const text = command.values.length === 0 ? reprString(command.script) : commandText(command);
  return (
    `HINT on 127: "Command not found".  Make sure that all commands in ${text} are in the PATH of ` +
    `fail2ban-server process (PATH=${process.env["PATH"] ?? ""})`
  );
}
