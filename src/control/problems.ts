/** What keeps jails from running as they are configured now, by jail. */
export class Problems {
  readonly #texts = new Map<string, string>();

  /** Notes why a jail does not run as configured; the last reason counts. */
  note(jail: string, reason: string): void {
    this.#texts.set(jail, reason);
  }

  /** Takes back what was noted: of one jail, or of all. */
  forget(jail?: string): void {
    if (jail === undefined) this.#texts.clear();
    else this.#texts.delete(jail);
  }

  /** Reason by jail, in the order in which they were noted. */
  all(): ReadonlyMap<string, string> {
    return this.#texts;
  }
}

/** The jail that a message of the configuration's reader is about; `null` when it is about none. */
export function jailOfMessage(message: string): string | null {
  return /^Jail '(.+?)' skipped, because of /.exec(message)?.[1] ?? null;
}
