import type { LogOutput } from "../log/log-output.ts";
import type { Logger } from "../log/logger.ts";
import type { IPv6Setting } from "../net/ipv6.ts";
import { failure, indexError, valueError } from "../pyvalue/errors.ts";
import { repr, str } from "../pyvalue/repr.ts";
import { type PyValue, pyNumber } from "../pyvalue/value.ts";
import type { BanDatabase } from "../store/database.ts";
import type { DatabaseSlot } from "../store/database-slot.ts";
import { parseDuration } from "../time/duration.ts";
import { integer } from "./arguments.ts";
import type { ControlSockets } from "./control-sockets.ts";

/** What the settings of a server act on. */
export interface ServerSettingsOptions {
  readonly output: LogOutput;
  readonly database: DatabaseSlot;
  readonly ipv6: IPv6Setting;
  /** The sockets on which the server listens, if it does. */
  readonly sockets?: Pick<ControlSockets, "group" | "setGroup" | "roles" | "setRoles">;
  /** Logger `fail2ban.server`. */
  readonly log: Logger;
}

interface Setting {
  readonly get?: () => PyValue;
  readonly set?: (value: PyValue) => void;
  /** In the place of `set`, where some of a value may be possible: gives what is not. */
  readonly setSome?: (value: PyValue) => Promise<readonly string[]>;
}

/** The settings that concern no single jail: `get NAME`, `set NAME VALUE`. */
export class ServerSettings {
  readonly #o: ServerSettingsOptions;
  readonly #settings: Record<string, Setting>;
  #allowIPv6 = "auto";
  #stackSize = 0;
  #purgeAgeIsFloat = false;

  constructor(options: ServerSettingsOptions) {
    this.#o = options;
    const { output, database, sockets } = options;
    this.#settings = {
      ...(sockets && socketSettings(sockets)),
      loglevel: { get: () => output.level, set: (value) => this.#setLevel(str(value)) },
      logtarget: { get: () => output.target, set: (value) => this.#setTarget(str(value)) },
      syslogsocket: { get: () => output.syslogSocket, set: (value) => output.setSyslogSocket(str(value)) },
      allowipv6: { set: (value) => this.#setIPv6(str(value)) },
      thread: {
        get: () => new Map([["stacksize", this.#stackSize]]),
        set: (value) => this.#setThread(value),
      },
      dbfile: {
        get: () => database.file,
        set: (value) => database.open(str(value ?? "None")),
      },
      dbpurgeage: {
        get: () => database.current && pyNumber(database.current.purgeAge, this.#purgeAgeIsFloat),
        set: (value) => this.#inDatabase("dbpurgeage", (db) => this.#setPurgeAge(db, value)),
      },
      dbmaxmatches: {
        get: () => database.current?.maxMatches ?? null,
        set: (value) =>
          this.#inDatabase("dbmaxmatches", (db) => {
            db.maxMatches = integer(value);
          }),
      },
    };
  }

  isReadable(name: string): boolean {
    return Object.hasOwn(this.#settings, name) && this.#settings[name]?.get !== undefined;
  }

  isWritable(name: string): boolean {
    return Object.hasOwn(this.#settings, name);
  }

  /** @throws {PyError} for a name that is none */
  get(name: string): PyValue {
    if (name === "allowipv6") return this.#allowIPv6;
    const setting = this.#settings[name];
    if (!setting?.get) throw indexError();
    return setting.get();
  }

  /**
   * @param lenient what could not be done is only logged: a server shall start without it
   * @throws {PyError} when the value cannot be used; the old one stays in force
   */
  async set(name: string, value: PyValue, lenient = false): Promise<void> {
    const setting = this.#settings[name];
    setting?.set?.(value);
    const faults = (await setting?.setSome?.(value)) ?? [];
    for (const fault of faults) this.#o.log.error(fault);
    if (faults.length > 0 && !lenient) throw valueError(faults.join("\n"));
  }

  /** Opens the log anew, as `logrotate` needs it. */
  flushLogs(): string {
    return this.#o.output.flush();
  }

  #setLevel(level: string): void {
    try {
      this.#o.output.setLevel(level);
    } catch (error) {
      throw valueError((error as Error).message);
    }
  }

  #setTarget(target: string): void {
    try {
      this.#o.output.setTarget(target);
    } catch {
      throw failure("Failed to change log target");
    }
  }

  #setIPv6(value: string): void {
    this.#allowIPv6 = value;
    this.#o.ipv6.set(value);
  }

  /** There are no threads; the value is kept for those who read it back. */
  #setThread(value: PyValue): void {
    const size = value instanceof Map ? value.get("stacksize") : undefined;
    if (size === undefined) throw valueError("set thread takes a dictionary with 'stacksize'");
    this.#stackSize = integer(size);
  }

  #setPurgeAge(database: BanDatabase, value: PyValue): void {
    const { seconds, isFloat } = parseDuration(typeof value === "number" ? value : str(value));
    database.purgeAge = seconds;
    this.#purgeAgeIsFloat = isFloat;
  }

  #inDatabase(name: string, change: (database: BanDatabase) => void): void {
    const { current } = this.#o.database;
    if (current) change(current);
    else this.#o.log.msg(`${name} setting was not in effect since no db yet`);
  }
}

/** `socketgroup` and `socketroles`, the latter as `GROUP=ROLE,GROUP=ROLE`. */
function socketSettings(sockets: NonNullable<ServerSettingsOptions["sockets"]>): Record<string, Setting> {
  return {
    socketgroup: {
      get: () => sockets.group,
      setSome: (value) => sockets.setGroup(/^(?:none)?$/i.test(str(value)) ? null : str(value)),
    },
    socketroles: {
      get: () => [...sockets.roles].map(([group, role]) => `${group}=${role}`).join(","),
      setSome: (value) => sockets.setRoles(readRoles(str(value))),
    },
  };
}

function readRoles(text: string): Map<string, string> {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  return new Map(
    parts.map((part) => {
      const at = part.lastIndexOf("=");
      if (at < 1) throw valueError(`socketroles takes GROUP=ROLE,GROUP=ROLE and not ${repr(part)}`);
      const [group, role] = [part.slice(0, at), part.slice(at + 1)];
      return [group.trim(), role.trim().toLowerCase()];
    }),
  );
}
