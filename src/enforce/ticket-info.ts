import { type FailureData, lineText, type MatchedLine, matchesOf } from "../detect/failure.ts";
import { type Family, Identifier } from "../net/identifier.ts";
import { formatFloat, repr } from "../pyvalue/repr.ts";
import { PyTuple } from "../pyvalue/value.ts";
import { type BanInfo, captureKey, type TagText } from "./ban-info.ts";

/** What actions see of their jail. */
export interface JailView {
  readonly name: string;
  /** Ban time of bans without one of their own, in seconds; −1: permanent. */
  bantime(): number;
  /** Number of current bans. */
  banned(): number;
  bannedTotal(): number;
  /** Number of identifiers that failed lately. */
  found(): number;
  foundTotal(): number;
}

/** What the database knows of earlier bans of an address, merged. */
export interface BanHistory {
  readonly matches: readonly MatchedLine[];
  readonly failures: number;
}

/** Everything that {@link TicketInfo} tells. */
export interface TicketFields {
  readonly id: Identifier;
  /** Seconds since 1970 UTC. */
  readonly time: number;
  /** True where the time is an integer for the reference (restored bans). */
  readonly timeIsInteger: boolean;
  /** The ban's own time in seconds, −1: permanent; `null`: that of the jail. */
  readonly banTime: number | null;
  readonly banCount: number;
  readonly failures: number;
  /** Address where the identifier is something else, else `null`. */
  readonly address: string | null;
  /** Matched lines and captured texts. */
  readonly data: FailureData;
  readonly restored: boolean;
}

/** Where {@link TicketInfo} asks for what the ticket does not hold. */
export interface TicketSurroundings {
  readonly jail: JailView;
  /** Earlier bans of an address in all jails or in this one; `null` without a database or without rows. */
  history(address: string, scope: "all" | "jail"): BanHistory | null;
  /** Seconds after which the firewall is to end this ban by itself; 0, or no such method: never. */
  kernelTimeout?(ticket: Pick<TicketFields, "time" | "banTime">): number;
  /** Name of an address, `null` if it has none. */
  reverseLookup(address: Identifier): Promise<string | null>;
}

/** The values of a ticket for tags, each computed at most once. */
export class TicketInfo implements BanInfo {
  readonly id: Identifier;
  readonly family: Family | null;
  readonly restored: boolean;
  readonly #ticket: TicketFields;
  readonly #around: TicketSurroundings;
  readonly #ip: Identifier;
  #values: Map<string, TagText | Promise<TagText>> | null = null;

  constructor(ticket: TicketFields, around: TicketSurroundings) {
    this.#ticket = ticket;
    this.#around = around;
    this.#ip = ticket.address === null ? ticket.id : Identifier.parse(ticket.address);
    this.id = ticket.id;
    this.family = this.#ip.family;
    this.restored = ticket.restored;
  }

  value(tag: string): TagText | Promise<TagText> {
    // By far the most frequent; there may be very many tickets at a time.
    if (tag === "ip") return this.#ip.text;
    this.#values ??= new Map();
    if (this.#values.has(tag)) return this.#values.get(tag);
    const key = captureKey(tag);
    const value =
      key === null ? VALUES.get(tag)?.(this.#ticket, this.#ip, this.#around) : this.#captured(key);
    this.#values.set(tag, value);
    return value;
  }

  #captured(key: string): string {
    const value = (Object.hasOwn(this.#ticket.data, key) ? this.#ticket.data[key] : null) ?? "";
    if (typeof value === "string") return value;
    if (key === "matches") return joinLines(value as readonly MatchedLine[]);
    if (value instanceof Set) return repr(new Set(value));
    return repr(new PyTuple(...(value as readonly (string | null)[])));
  }
}

type Compute = (t: TicketFields, ip: Identifier, around: TicketSurroundings) => TagText | Promise<TagText>;

const VALUES: ReadonlyMap<string, Compute> = new Map<string, Compute>([
  ["family", (_, ip) => ip.family],
  ["ip-rev", (_, ip) => ip.reversed],
  ["ip-host", (_, ip, around) => (ip.isSingle ? around.reverseLookup(ip).catch(() => null) : null)],
  ["fid", (t) => t.id.text],
  ["failures", (t) => String(t.failures)],
  ["time", (t) => timeText(t)],
  ["bantime", (t, _, around) => String(Math.trunc(t.banTime ?? around.jail.bantime()))],
  ["kerneltimeout", (t, _, around) => String(around.kernelTimeout?.(t) ?? 0)],
  ["bancount", (t) => String(t.banCount)],
  ["matches", (t) => joinLines(matchesOf(t.data))],
  ["restored", (t) => (t.restored ? "1" : "0")],
  ["ipmatches", (t, ip, around) => joinLines(history(t, ip, around, "all").matches)],
  ["ipfailures", (t, ip, around) => String(history(t, ip, around, "all").failures)],
  ["ipjailmatches", (t, ip, around) => joinLines(history(t, ip, around, "jail").matches)],
  ["ipjailfailures", (t, ip, around) => String(history(t, ip, around, "jail").failures)],
  ["raw-ticket", (t) => rawTicket(t)],
  ["jail.name", (_, _ip, around) => around.jail.name],
  ["jail.banned", (_, _ip, around) => String(around.jail.banned())],
  ["jail.banned_total", (_, _ip, around) => String(around.jail.bannedTotal())],
  ["jail.found", (_, _ip, around) => String(around.jail.found())],
  ["jail.found_total", (_, _ip, around) => String(around.jail.foundTotal())],
]);

function history(
  { data, failures }: TicketFields,
  ip: Identifier,
  around: TicketSurroundings,
  scope: "all" | "jail",
): BanHistory {
  return around.history(ip.text, scope) ?? { matches: matchesOf(data), failures };
}

function joinLines(lines: readonly MatchedLine[]): string {
  return lines.map(lineText).join("\n");
}

function timeText(ticket: TicketFields): string {
  return ticket.timeIsInteger ? String(Math.trunc(ticket.time)) : formatFloat(ticket.time);
}

function rawTicket(ticket: TicketFields): string {
  const matches = matchesOf(ticket.data).map((line) =>
    typeof line === "string" ? line : new PyTuple(...line),
  );
  return (
    `BanTicket: ip=${ticket.id.text} time=${timeText(ticket)} bantime=${ticket.banTime ?? "None"} ` +
    `bancount=${ticket.banCount} #attempts=${ticket.failures} matches=${repr(matches)}`
  );
}
