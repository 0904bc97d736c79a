import type { Jail } from "../jail/jail.ts";
import type { Jails } from "../jail/jails.ts";
import { Identifier } from "../net/identifier.ts";
import { failure, indexError, typeError, valueError } from "../pyvalue/errors.ts";
import { repr } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { formatLocalTime } from "../time/format.ts";
import { type BanTicket, NEVER } from "../track/ban-list.ts";
import { texts, timeAfter } from "./arguments.ts";

/** Commands on bans and failures: of one jail, or of several. */

const END_OF_TIME = "9999-12-31 23:59:59";

/** Whether `set JAIL NAME …` bans, lifts or counts. */
export function isBanCommand(name: string): boolean {
  return name === "banip" || name === "unbanip" || name === "attempt";
}

/**
 * `ban [--jail JAIL]… [--bantime TIME] IP…`: bans addresses and networks in all jails, or in those named.
 *
 * @returns number of new bans, each address counted for each jail
 * @throws {PyError} before anything is banned: when a word is no address or a jail is not known; after everything else
 *   was banned: when addresses of this machine are among them
 */
export async function ban(jails: Jails, command: readonly PyValue[]): Promise<number> {
  const { ids, named, time } = banWords(texts(command, 1));
  const chosen = named.length > 0 ? [...new Set(named)].map((name) => jails.get(name)) : jails.all();
  if (chosen.length === 0) throw failure("there is no jail that could ban");
  const done = await Promise.allSettled(chosen.map((jail) => jail.banByHand(ids, time)));
  for (const one of done) if (one.status === "rejected") throw one.reason;
  return done.reduce((sum, one) => sum + (one.status === "fulfilled" ? one.value : 0), 0);
}

function banWords(words: string[]): { ids: string[]; named: string[]; time: number | null } {
  const named: string[] = [];
  let time: number | null = null;
  const value = () => {
    const [option = "", next] = words.splice(0, 2);
    if (next === undefined) throw failure(`${option} lacks its value`);
    return next;
  };
  for (;;) {
    if (words[0] === "--jail") named.push(value());
    else if (words[0] === "--bantime") time = Math.trunc(timeAfter("--bantime", value()));
    else break;
  }
  const wrong = words.find((one) => Identifier.parse(one).family === null);
  if (wrong !== undefined) throw valueError(`${repr(wrong)} is no address and no network`);
  if (words.length === 0) throw failure("ban takes [--jail JAIL] [--bantime TIME] and addresses or networks");
  return { ids: words, named, time };
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
  if (name === "unbanip") return unbanInJail(find, texts(words, 0));
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
  const answers = texts(words, 0).map((ip) => (jail.isBanned(Identifier.parse(ip)) ? 1 : 0));
  return answers.length === 1 ? answers[0]! : answers;
}

/** `banip [--bantime TIME] ID…` */
function banByHand(find: () => Jail, words: readonly string[]): Promise<number> {
  if (words[0] !== "--bantime") return find().banByHand(words);
  const [, time, ...ids] = words;
  if (time === undefined) throw indexError();
  return find().banByHand(ids, Math.trunc(timeAfter("--bantime", time)));
}

async function unbanInJail(find: () => Jail, words: readonly string[]): Promise<number> {
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
