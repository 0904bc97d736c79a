import type { BanInfo } from "./ban-info.ts";

/** Something to be done about one ban. */
export interface BanOperation {
  readonly kind: "ban" | "reban" | "unban" | "prolong" | "renew";
  readonly info: BanInfo;
}

/**
 * What a jail does about its bans: shell commands or a module. The methods are called one at a time, in the
 * order of the events (see `ActionQueue`). A method that fails rejects with an error whose message is for the
 * log.
 */
export interface Action {
  /** Name within its jail. */
  readonly name: string;
  /** Bans that come back from the database are not handed to this action. */
  readonly norestored: boolean;
  /** Whether {@link prolong} does anything. */
  readonly prolongable: boolean;
  /**
   * Whether a ban leaves something in force that is to be taken back. An action without only tells somebody; nobody waits
   * for it who wants to know that a ban is in force.
   */
  readonly holdsBans: boolean;
  /** Whether {@link flush} takes all bans back at once; otherwise they are taken back one by one. */
  readonly flushes: boolean;
  /** Whether {@link consistencyCheck} can find anything. */
  readonly checkable: boolean;
  /** Whether a check that fails while bans are taken back is followed by a repair. */
  readonly repairsOnUnban: boolean;
  /** Number of the latest repair, as counted by the jail; 0: none. Bans of an older epoch may be lost. */
  readonly epoch: number;
  /** The same for bans of one address family, where the action repairs each for itself; without it {@link epoch}. */
  epochOf?(family: BanInfo["family"]): number;

  /**
   * Before the first start after a server that was killed: takes away what that one may have left in force, so that
   * nothing stays blocked that nobody knows of, and nothing is there twice. Silent when there is nothing.
   */
  clearLeftovers?(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  ban(info: BanInfo): Promise<void>;
  /** Puts a ban back that was lost. */
  reban(info: BanInfo): Promise<void>;
  unban(info: BanInfo): Promise<void>;
  /** The ban lasts longer than was said before. */
  prolong(info: BanInfo): Promise<void>;
  /** Gives a ban another end in a firewall that lifts bans by itself (`kerneltimeout`); without it, nothing is told. */
  renew?(info: BanInfo): Promise<void>;
  /** Takes all bans back. */
  flush(): Promise<boolean>;
  /**
   * Finds out whether what the action set up is still there, and repairs it.
   *
   * @param mayRepair asked before a repair; `false` leaves the damage
   * @returns whether all is well now
   */
  consistencyCheck(mayRepair?: () => boolean): Promise<boolean>;
  /** After a reload of the configuration. */
  reload(): Promise<void>;
  /** How many operations {@link runSome} would execute together now; without it one. */
  readonly mostAtOnce?: number;
  /**
   * Executes several operations in their order, as many from the first on as the action can execute together; the
   * queue comes again with the rest. One entry for each that was executed, at least one: `null`, or why it failed.
   * Without this method operations are executed one by one.
   */
  runSome?(operations: readonly BanOperation[]): Promise<readonly (Error | null)[]>;
}
