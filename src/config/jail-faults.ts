import type { LogHub } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { ConfigError, describeFault, type JailDefinitionError } from "./config-error.ts";

/** A jail that cannot be used: the command that tells the server takes the place of its commands. */
export interface LeftOut {
  readonly leftOut: PyValue[];
}

/** Whether a jail is left out. */
export function isLeftOut(jail: object): jail is LeftOut {
  return "leftOut" in jail;
}

/**
 * What is wrong with single jails. The reference fails as a whole with some of these faults; here only if that was
 * asked for, otherwise the jail is left out like one with a wrong definition.
 */
export class Faults {
  readonly #log: LogHub;
  readonly #isStrict: boolean;
  #first: ConfigError | undefined;

  /** @param isStrict faults are thrown on */
  constructor(log: LogHub, isStrict: boolean) {
    this.#log = log;
    this.#isStrict = isStrict;
  }

  /** Does a step of reading a jail; a fault is thrown on or leaves the jail out. */
  guard<T extends object>(jail: string, step: () => T): T | LeftOut {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ConfigError) || this.#isStrict) throw error;
      this.#first ??= error;
      this.#report(jail, error, true);
      const text = `Jail '${jail}' cannot be configured: ${error.message} (${describeFault(error.position)})`;
      // The third word tells our server to let a running jail of that name go on as it is.
      return { leftOut: ["config-error", text, jail] };
    }
  }

  /** Leaves out a jail whose definition is wrong. */
  refuse(jail: string, error: JailDefinitionError, { skips }: { skips: boolean }): LeftOut {
    this.#report(jail, error, skips);
    return {
      leftOut: ["config-error", `Jail '${jail}' skipped, because of wrong configuration: ${error.message}`],
    };
  }

  /** Whether a fault was passed over. */
  get any(): boolean {
    return this.#first !== undefined;
  }

  /** Fails with the first fault that was passed over, if there was any. */
  throwFirst(): void {
    if (this.#first !== undefined) throw this.#first;
  }

  #report(jail: string, error: ConfigError | JailDefinitionError, skips: boolean): void {
    this.#log.logger("jailreader").error(error.message);
    if (skips) logFault(this.#log, error);
    this.#log.logger("jailsreader").error(`Errors in jail '${jail}'.${skips ? " Skipping..." : ""}`);
  }
}

/** Logs where a fault is and what was expected, as the line that follows its message. */
export function logFault(log: LogHub, { position }: ConfigError | JailDefinitionError): void {
  const text = describeFault(position);
  if (text !== "") log.logger("configcheck").error(text);
}
