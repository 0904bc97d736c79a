import type { Failure, FailureData } from "../detect/failure.ts";
import { Identifier } from "../net/identifier.ts";
import type { BanDatabase } from "../store/database.ts";
import type { FailTicket, FailureTable } from "../track/failure-table.ts";

/** What the keys of stored rows begin with. */
const COUNTED = "counted ";
const UNDECIDED = "undecided ";

/** What keeping failures needs. */
export interface PendingFailuresOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly failures: () => FailureTable;
  readonly database: () => BanDatabase | null;
}

/**
 * Keeps a jail's failures that have led to no ban yet in the database: those that are counted, and those that wait for
 * an answer of a resolver or of a command. The database writes them in one transaction with how far the logs were
 * read. So a server that goes on after a crash has the counts of the lines behind it, and reads the others.
 *
 * Stopping a jail forgets its failures, here as in the reference.
 */
export class PendingFailures {
  readonly #o: PendingFailuresOptions;
  /** Keys of rows that are not as they should be. */
  readonly #stale = new Set<string>();
  readonly #undecided = new Map<string, Failure>();
  #last = 0;
  #closed = false;

  constructor(options: PendingFailuresOptions) {
    this.#o = options;
  }

  /** The ticket of this identifier in the table of failures has come, changed or gone. */
  changed(id: string): void {
    this.#touch(COUNTED + id);
  }

  /**
   * The failure cannot be counted or passed over yet.
   *
   * @returns to be called as soon as it can
   */
  undecided(failure: Failure): () => void {
    const key = `${UNDECIDED}${++this.#last}`;
    this.#undecided.set(key, failure);
    this.#touch(key);
    return () => {
      this.#undecided.delete(key);
      this.#touch(key);
    };
  }

  /**
   * Takes over what a server left that did not stop the jail.
   *
   * @param oldest failures before this time, seconds since 1970 UTC, do not count any more
   * @param consider takes failures that are to be decided again
   */
  restore(oldest: number, consider: (failure: Failure) => void): void {
    const rows = this.#o.database()?.pending(this.#o.jail) ?? [];
    const undecided: Failure[] = [];
    for (const [key, text] of rows) {
      const row = parse(text);
      if (key.startsWith(COUNTED) && row && row.time > oldest) this.#o.failures().restore(ticketOf(row));
      else this.#touch(key);
      if (!key.startsWith(UNDECIDED)) continue;
      if (row) undecided.push(failureOf(row));
      this.#last = Math.max(this.#last, Number(key.slice(UNDECIDED.length)));
    }
    undecided.forEach(consider);
  }

  /** Writes nothing more. */
  close(): void {
    this.#closed = true;
  }

  #touch(key: string): void {
    if (this.#closed) return;
    this.#stale.add(key);
    if (this.#stale.size > 1) return;
    const { database, jail } = this.#o;
    const written = () => this.#stale.clear();
    const store = database();
    if (store) store.updatePending(jail, () => this.#changes(), written);
    else written();
  }

  *#changes(): Iterable<readonly [string, string | null]> {
    for (const key of this.#stale) yield [key, this.#textOf(key)];
  }

  #textOf(key: string): string | null {
    if (key.startsWith(COUNTED)) {
      const ticket = this.#o.failures().get({ text: key.slice(COUNTED.length) });
      return ticket ? JSON.stringify(rowOfTicket(ticket)) : null;
    }
    const failure = this.#undecided.get(key);
    return failure ? JSON.stringify(rowOfFailure(failure)) : null;
  }
}

/** A row's JSON. */
interface Row {
  /** Text of the identifier, or a host name, as `kind` says. */
  readonly subject: string;
  readonly kind: "address" | "text" | "host";
  readonly time: number;
  readonly timeIsInteger: boolean;
  readonly data: FailureData;
  /** The users of a session, which are a set and so nothing for JSON. */
  readonly users?: readonly string[];
  /** Of failures that are counted. */
  readonly firstTime?: number;
  readonly retry?: number;
  readonly failures?: number;
}

function rowOfTicket({ id, firstTime, retry, failures, time, timeIsInteger, data }: FailTicket): Row {
  return { ...subjectOf(id), time, timeIsInteger, firstTime, retry, failures, ...plain(data) };
}

function rowOfFailure({ subject, time, timeIsInteger, data }: Failure): Row {
  const whom =
    "id" in subject ? subjectOf(subject.id) : ({ subject: subject.hostName, kind: "host" } as const);
  return { ...whom, time, timeIsInteger, ...plain(data) };
}

function subjectOf(id: Identifier): Pick<Row, "subject" | "kind"> {
  return { subject: id.text, kind: id.family ? "address" : "text" };
}

function plain(data: FailureData): Pick<Row, "data" | "users"> {
  const { users } = data;
  return users instanceof Set ? { data, users: [...users] } : { data };
}

function ticketOf(row: Row): FailTicket {
  const { time, timeIsInteger, firstTime = time, retry = 1, failures = 1 } = row;
  return { id: idOf(row), firstTime, time, timeIsInteger, retry, failures, data: dataOf(row) };
}

function failureOf(row: Row): Failure {
  const { kind, subject, time, timeIsInteger } = row;
  const whom = kind === "host" ? { hostName: subject } : { id: idOf(row) };
  return { regex: 0, subject: whom, time, timeIsInteger, data: dataOf(row) };
}

function idOf({ kind, subject }: Row): Identifier {
  return kind === "address" ? Identifier.parse(subject) : Identifier.raw(subject);
}

function dataOf({ data, users }: Row): FailureData {
  return users ? { ...data, users: new Set(users) } : data;
}

/** `null` when the text is damaged. */
function parse(text: string): Row | null {
  try {
    return JSON.parse(text) as Row;
  } catch {
    return null;
  }
}
