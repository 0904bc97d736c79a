import type { Logger } from "../log/logger.ts";
import { attributeError, runtimeError } from "../pyvalue/errors.ts";
import { PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import type { Action } from "./action.ts";
import type { BanInfo } from "./ban-info.ts";
import type { JailView } from "./ticket-info.ts";

/** Options of a module action as the configuration gives them; all values there are texts. */
export type ModuleOptions = Readonly<Record<string, unknown>>;

/** What a module gets beside its options. */
export interface ModuleTools {
  /** Writes to the daemon's log. */
  readonly logger: Logger;
  readonly clock: Clock;
  /** The full name of this host. */
  readonly hostName: string;
}

/**
 * What a module's class `Action` implements. Methods may be asynchronous; one that throws or rejects has
 * failed, which is logged and stops nobody else.
 */
export interface ActionModule {
  start(): unknown;
  stop(): unknown;
  ban(info: BanInfo): unknown;
  /** Takes a ban back; without it the module only tells somebody of bans. */
  unban?(info: BanInfo): unknown;
  /** Puts a lost ban back; without it `ban` is called. */
  reban?(info: BanInfo): unknown;
  prolong?(info: BanInfo): unknown;
  /** Takes all bans back at once; a true answer spares the single unbans. */
  flush?(): unknown;
  /** Answers whether all is well. Ask `mayRepair` before repairing anything. */
  consistencyCheck?(mayRepair: () => boolean): unknown;
  /** New options after a reload of the configuration. */
  reload?(options: ModuleOptions): unknown;
  /** Bans that come back from the database are none of its business. */
  readonly norestored?: boolean;
  /** Number of its latest repair. */
  readonly epoch?: number;
  /** Limit for each call, seconds; default 60. */
  readonly timeout?: number;
}

/** The class `Action` that a module exports. */
export type ActionModuleClass = new (
  jail: JailView,
  name: string,
  options: ModuleOptions,
  tools: ModuleTools,
) => ActionModule;

const TIMEOUT = 60;

/** An action that a module implements. A call that does not end in time has failed, whatever it does later. */
export class ModuleAction implements Action {
  readonly name: string;
  readonly checkable: boolean;
  readonly holdsBans: boolean;
  readonly flushes: boolean;
  readonly prolongable: boolean;
  readonly repairsOnUnban = false;
  readonly #module: ActionModule;
  readonly #clock: Clock;
  #options: ModuleOptions;

  constructor(name: string, module: ActionModule, options: ModuleOptions, clock: Clock) {
    this.name = name;
    this.#clock = clock;
    this.#module = module;
    this.#options = options;
    this.checkable = typeof module.consistencyCheck === "function";
    this.flushes = typeof module.flush === "function";
    this.holdsBans = this.flushes || typeof module.unban === "function";
    this.prolongable = typeof module.prolong === "function";
  }

  get norestored(): boolean {
    return Boolean(this.#module.norestored);
  }
  get epoch(): number {
    return this.#module.epoch ?? 0;
  }

  /** Whether the module takes new options; otherwise a reload needs a new one. */
  get reloadable(): boolean {
    return typeof this.#module.reload === "function";
  }

  /** Options for the next {@link reload}. */
  setOptions(options: ModuleOptions): void {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#inTime((module) => module.start());
  }
  async stop(): Promise<void> {
    await this.#inTime((module) => module.stop());
  }
  async ban(info: BanInfo): Promise<void> {
    await this.#inTime((module) => module.ban(info));
  }
  async reban(info: BanInfo): Promise<void> {
    await this.#inTime((module) => (module.reban ? module.reban(info) : module.ban(info)));
  }
  async unban(info: BanInfo): Promise<void> {
    await this.#inTime((module) => module.unban?.(info));
  }
  async prolong(info: BanInfo): Promise<void> {
    await this.#inTime((module) => module.prolong?.(info));
  }
  async flush(): Promise<boolean> {
    return Boolean(await this.#inTime((module) => module.flush?.()));
  }
  async consistencyCheck(mayRepair: () => boolean = () => true): Promise<boolean> {
    return Boolean(await this.#inTime((module) => module.consistencyCheck?.(mayRepair) ?? true));
  }
  async reload(): Promise<void> {
    await this.#inTime((module) => module.reload?.(this.#options));
  }

  /** A module that waits for ever must not keep its jail from stopping. */
  async #inTime(call: (module: ActionModule) => unknown): Promise<unknown> {
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const seconds = this.#module.timeout ?? TIMEOUT;
    const cancel = this.#clock.after(seconds, () => reject(runtimeError(`no end after ${seconds} seconds`)));
    try {
      return await Promise.race([call(this.#module), expired]);
    } finally {
      cancel();
    }
  }

  /** Names of the module's public attributes, sorted. */
  get propertyNames(): string[] {
    return this.#members((value) => typeof value !== "function");
  }

  /** Names of the module's public methods, sorted. */
  get methodNames(): string[] {
    return this.#members((value) => typeof value === "function");
  }

  /** @throws PyError (`AttributeError`) when the module has no such attribute */
  get(name: string): PyValue {
    if (!this.propertyNames.includes(name))
      throw attributeError(`'Action' object has no attribute '${name}'`);
    return toPyValue(Reflect.get(this.#module, name));
  }

  set(name: string, value: PyValue): void {
    Reflect.set(this.#module, name, value instanceof PyFloat ? value.value : value);
  }

  /** Calls a public method with one object of arguments. */
  async call(name: string, args: Readonly<Record<string, unknown>>): Promise<PyValue> {
    if (!this.methodNames.includes(name)) throw attributeError(`'Action' object has no attribute '${name}'`);
    const method = Reflect.get(this.#module, name) as (args: unknown) => unknown;
    return toPyValue(await this.#inTime((module) => method.call(module, args)));
  }

  #members(wanted: (value: unknown) => boolean): string[] {
    const names = new Set<string>();
    for (
      let object: object = this.#module;
      object !== Object.prototype;
      object = Object.getPrototypeOf(object)
    ) {
      for (const name of Object.getOwnPropertyNames(object)) names.add(name);
    }
    const isPublic = (name: string) => name !== "constructor" && !name.startsWith("_");
    return [...names].filter((name) => isPublic(name) && wanted(Reflect.get(this.#module, name))).sort();
  }
}

/** What clients see of a value of a module. */
function toPyValue(value: unknown): PyValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return Number.isInteger(value) ? value : new PyFloat(value);
  if (typeof value === "boolean" || typeof value === "string" || typeof value === "bigint") return value;
  if (value instanceof PyFloat || value instanceof PyTuple) return value;
  if (Array.isArray(value)) return value.map(toPyValue);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [toPyValue(k), toPyValue(v)]));
  if (value instanceof Set) return new Set([...value].map(toPyValue));
  return String(value);
}
