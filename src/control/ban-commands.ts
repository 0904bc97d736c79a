import type { Jail } from "../jail/jail.ts";
import { Identifier } from "../net/identifier.ts";
import { indexError, typeError, valueError } from "../pyvalue/errors.ts";
import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { parseDuration } from "../time/duration.ts";
import { formatLocalTime } from "../time/format.ts";
import { type BanTicket, NEVER } from "../track/ban-list.ts";
import { texts } from "./arguments.ts";

/** Commands on the bans and failures of one jail. */

const END_OF_TIME = "9999-12-31 23:59:59";

/** Whether `set JAIL NAME …` bans, lifts or counts. */
export function isBanCommand(name: string): boolean {
  return name === "banip" || name === "unbanip" || name === "attempt";
}

/** Whether `get JAIL NAME` lists bans. */
export function isBanQuery(name: string): boolean {
  return name === "banip" || name === "banned";
}

/**
 * Executes `set JAIL banip|unbanip|attempt …`.
 *
 * @param find looks the jail up; throws when there is none
 */
export async function banCommand(
  find: () => Jail,
  name: string,
  words: readonly PyValue[],
): Promise<PyValue> {
  if (name === "banip") return banByHand(find, texts(words, 0));
  if (name === "unbanip") return unban(find, texts(words, 0));
  const jail = find();
  const [id, ...lines] = texts(words, 0);
  if (id === undefined) throw typeError("Filter.addAttempt() missing 1 required positional argument: 'ip'");
  return jail.attempt(id, lines);
}

/** Executes `get JAIL banip|banned …`. */
export function banQuery(jail: Jail, name: string, words: readonly PyValue[]): PyValue {
  if (name === "banip") {
    const tickets = jail.bans.byEnd();
    if (words[0] !== "--with-time") return tickets.map((ticket) => ticket.id.text);
    return tickets.map((ticket) => describeBan(jail, ticket));
  }
  if (words.length === 0) return jail.bans.tickets().map((ticket) => ticket.id.text);
  const answers = texts(words, 0).map((ip) => (jail.bans.get(Identifier.parse(ip)) ? 1 : 0));
  return answers.length === 1 ? answers[0]! : answers;
}

/** `banip [--bantime TIME] ID…` */
function banByHand(find: () => Jail, words: readonly string[]): Promise<number> {
  if (words[0] !== "--bantime") return find().banByHand(words);
  const [, time, ...ids] = words;
  if (time === undefined) throw indexError();
  return find().banByHand(ids, Math.trunc(parseDuration(time).seconds));
}

async function unban(find: () => Jail, words: readonly string[]): Promise<number> {
  const reportAbsent = words[0] === "--report-absent";
  const ips = reportAbsent ? words.slice(1) : words;
  if (!reportAbsent && ips.length === 0) throw indexError();
  const { lifted, absent } = await find().unban(ips);
  if (reportAbsent && absent.length > 0) throw valueError(`not banned: ${repr(absent)}`);
  return lifted;
}

/** `IP <tab>BEGIN + SECONDS = END` in local time. */
function describeBan(jail: Jail, ticket: BanTicket): string {
  const end = jail.bans.endOf(ticket);
  const until = end >= NEVER ? END_OF_TIME : formatLocalTime(end);
  const seconds = Math.trunc(jail.bans.banTimeOf(ticket));
  return `${ticket.id.text} \t${formatLocalTime(ticket.time)} + ${seconds} = ${until}`;
}
