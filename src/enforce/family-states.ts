/** An address family, or `""` where an action makes no difference between families. */
export type ActionFamily = "inet4" | "inet6" | "";

/** For which families an action is started, and for which of those it holds bans. */
export class FamilyStates {
  readonly #states = new Map<ActionFamily, { hasBans: boolean }>();

  isStarted(family: ActionFamily): boolean {
    return this.#states.has(family);
  }

  hasBans(family: ActionFamily): boolean {
    return this.#states.get(family)?.hasBans ?? false;
  }

  /** Families that are started, oldest first. */
  get started(): ActionFamily[] {
    return [...this.#states.keys()];
  }

  /** Started families that hold bans. */
  get withBans(): ActionFamily[] {
    return this.started.filter((family) => this.hasBans(family));
  }

  /** The family is started and holds nothing yet. */
  start(family: ActionFamily): void {
    this.#states.set(family, { hasBans: false });
  }

  stop(family: ActionFamily): void {
    this.#states.delete(family);
  }

  /** A ban was executed. */
  ban(family: ActionFamily): void {
    this.#states.set(family, { hasBans: true });
  }

  /** All bans of a started family were taken back. */
  flush(family: ActionFamily): void {
    if (this.isStarted(family)) this.start(family);
  }
}
