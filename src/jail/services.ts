import type { TransactionRunner } from "../enforce/firewall-transactions.ts";
import type { GroupLock } from "../enforce/group-lock.ts";
import type { ShellRunner } from "../enforce/shell.ts";
import type { LogHub } from "../log/logger.ts";
import type { OwnAddresses } from "../net/own-addresses.ts";
import type { Resolver } from "../net/resolver.ts";
import type { FileHub } from "../source/file-hub.ts";
import type { RunJournalctl } from "../source/journal-process.ts";
import type { LineStream } from "../source/line-stream.ts";
import type { SyslogReceivers } from "../source/syslog-receiver.ts";
import type { BanDatabase } from "../store/database.ts";
import type { Clock } from "../time/clock.ts";

/** What all jails of a server share. */
export interface JailServices {
  readonly clock: Clock;
  readonly hub: LogHub;
  readonly resolver: Resolver;
  readonly own: OwnAddresses;
  readonly files: FileHub;
  readonly journalctl: RunJournalctl;
  /** The server's standard input. */
  readonly stdin: LineStream;
  readonly syslog: SyslogReceivers;
  readonly runner: ShellRunner;
  /** Keeps start and stop commands of actions apart that may share something in a firewall. */
  readonly lock?: GroupLock;
  /** Applies firewall commands without a shell, if there is such. */
  readonly transactions?: TransactionRunner;
  /** Has memory that is not needed given back to the system soon, at the cost of a pause: there was much work. */
  readonly releaseMemory?: () => void;
  /** The database, if there is one. */
  readonly database: () => BanDatabase | null;
  readonly ipv6Allowed: () => boolean;
  /** Own host name for the tags `<fq-hostname>` and `<sh-hostname>`. */
  readonly hostName: (kind: "full" | "short") => string;
}
