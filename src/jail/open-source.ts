import type { Backend } from "./backend.ts";
import { JournalLog } from "./journal-log.ts";
import type { JournalMatches } from "./journal-matches.ts";
import type { LineFeed } from "./line-feed.ts";
import { LogFiles } from "./log-files.ts";
import type { LogSource } from "./log-source.ts";
import type { JailServices } from "./services.ts";
import { StreamLog } from "./stream-log.ts";

/** What a jail gives to its source of lines. */
export interface JailSide {
  readonly jail: string;
  readonly feed: LineFeed;
  readonly matches: JournalMatches;
  /** Seconds that failures count for. */
  readonly findTime: () => number;
}

/** Makes the source that a backend stands for; it reads nothing before the jail is started. */
export function openSource(backend: Backend, side: JailSide, services: JailServices): LogSource {
  const { clock, hub, database, files, journalctl, stdin, syslog } = services;
  const common = { ...side, clock, hub, database };
  switch (backend.name) {
    case "systemd":
      return new JournalLog({
        ...common,
        backend: backend.requested,
        selection: backend.journal!,
        run: journalctl,
      });
    case "stdin":
      return new StreamLog({
        ...common,
        backend: backend.requested,
        reader: "stdin",
        stream: stdin,
        mayBeginWithPast: true,
      });
    case "syslog":
      return new StreamLog({
        ...common,
        backend: backend.requested,
        reader: "syslog",
        stream: syslog.receiver(backend.syslog!),
        mayBeginWithPast: false,
      });
    default:
      return new LogFiles({ ...common, backend: backend.name, files });
  }
}
