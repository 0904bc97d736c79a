import type { Jails } from "../jail/jails.ts";
import type { Logger } from "../log/logger.ts";
import { str } from "../pyvalue/repr.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import type { Problems } from "./problems.ts";

/** Longer values are not quoted in messages. */
const LONGEST_VALUE = 60;

/** A command of a stream. */
export type Command = readonly PyValue[];

/** What executing a stream needs. */
export interface StreamOptions {
  readonly jails: Jails;
  /** Logger `fail2ban.server`. */
  readonly log: Logger;
  readonly problems: Problems;
  /** Executes one command. */
  readonly run: (command: Command) => Promise<unknown>;
}

/** The commands of a stream by what they are about; order is kept within each part. */
export interface SortedStream {
  /** Settings of the server, messages, and anything else that is about none of the jails below. */
  readonly general: readonly Command[];
  /** Commands by jail but for the start, in the order in which the jails are added. */
  readonly jails: ReadonlyMap<string, readonly Command[]>;
  /** Names of the jails to be started. */
  readonly starts: readonly string[];
}

/** Sorts a configuration stream: a jail's commands begin with its `add`. */
export function sortStream(stream: readonly Command[]): SortedStream {
  const general: Command[] = [];
  const jails = new Map<string, Command[]>();
  const starts: string[] = [];
  for (const command of stream) {
    const name = jailOf(command);
    const own = name === null ? undefined : jails.get(name);
    if (command[0] === "add" && name !== null && !own) jails.set(name, [command]);
    else if (command[0] === "start" && own) starts.push(name!);
    else if (own) own.push(command);
    else general.push(command);
  }
  return { general, jails, starts };
}

function jailOf(command: Command): string | null {
  const verbs: readonly PyValue[] = ["add", "set", "multi-set", "start"];
  return verbs.includes(command[0] ?? null) && command.length > 1 ? str(command[1] ?? null) : null;
}

/**
 * Executes a stream at the start of the server. A jail that cannot be set up is left out and named in the log;
 * the others are started all the same.
 *
 * @throws {PyError} when a setting of the server fails, at once; or the first failure of a jail, at the end
 */
export async function runStream(stream: readonly Command[], o: StreamOptions): Promise<void> {
  const { general, jails, starts } = sortStream(stream);
  o.problems.forget();
  for (const command of general) await o.run(command);
  const failed = new Map<string, unknown>();
  for (const [name, commands] of jails) {
    const existed = o.jails.has(name);
    const failure = await firstFailure(commands, o.run);
    if (failure === null) continue;
    failed.set(name, failure.error);
    o.log.error(`Jail '${name}' is not started, its configuration cannot be used: ${reasonOf(failure)}`);
    o.problems.note(name, `not started: ${reasonOf(failure)}`);
    if (!existed && o.jails.has(name)) await o.jails.stop(name);
  }
  for (const name of starts) if (!failed.has(name)) await o.run(["start", name]);
  throwFirst(failed);
}

/** A command that failed. */
export interface Failure {
  readonly command: Command;
  readonly error: unknown;
}

/** The first failure that a list of commands runs into, `null` when all succeed. */
export async function firstFailure(
  commands: readonly Command[],
  run: (command: Command) => Promise<unknown>,
): Promise<Failure | null> {
  for (const command of commands) {
    try {
      await run(command);
    } catch (error) {
      return { command, error };
    }
  }
  return null;
}

/** Fails with the first of the errors, if there is any. */
export function throwFirst(errors: ReadonlyMap<string, unknown>): void {
  for (const error of errors.values()) throw error;
}

/** Why a command failed, for the log: which option it was about, and the error. */
export function reasonOf({ command, error }: Failure): string {
  const message = error instanceof PyError ? str(error) : (error as Error).message;
  const [verb, , option, value] = command;
  if (verb !== "set" || typeof option !== "string" || message.includes(option)) return message;
  const shown = value === undefined ? "" : ` = ${str(value)}`;
  return `${option}${shown.length > LONGEST_VALUE ? "" : shown}: ${message}`;
}
