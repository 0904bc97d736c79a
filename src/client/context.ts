import type { Finding } from "../check/finding.ts";
import type { ExplainedOption } from "../config/explain.ts";
import type { Configuration } from "../config/read.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { Logger, LogHub } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import type { ClientOptions } from "./options.ts";

/** What the commands of one program run work with. */
export interface ClientContext {
  /** Name of the program as usage texts show it. */
  readonly program: string;
  readonly options: ClientOptions;
  readonly settings: ServerSettings;
  readonly hub: LogHub;
  /** Logger `fail2ban`. */
  readonly log: Logger;
  readonly clock: Clock;
  /** Writes to standard output; no newline is added. */
  readonly print: (text: string) => void;
  /** Whether standard output shows box characters. */
  readonly utf8: boolean;
  /** Whether a service manager handed this process the listening socket of the server to be started. */
  readonly inheritsSocket: boolean;
  /** Reads the configuration, of one jail or of all. Throws ConfigError. */
  readonly readConfiguration: (jail?: string) => Promise<Configuration>;
  readonly launcher: ServerLauncher;
  readonly loadInspector: () => Promise<ConfigurationInspector>;
}

/** Looks at configurations for people. */
export interface ConfigurationInspector {
  /** Everything that is wrong with a tree. */
  check(base: string): Finding[];
  /** Where the options of a jail come from. Throws ConfigError. */
  explain(base: string, jail: string): ExplainedOption[];
}

/** Brings a server to life. */
export interface ServerLauncher {
  /** Starts a server process that lives on by itself once it was told to begin. */
  inBackground(context: ClientContext): Promise<BackgroundServer> | BackgroundServer;
  /** Starts a server in this process. Throws when it cannot be started. */
  inForeground(context: ClientContext): Promise<ForegroundServer>;
  /** Is a server that others configure, until its end (`--async`). False when it cannot be started. */
  serve(context: ClientContext): Promise<boolean>;
}

/** A server process that was started and may not answer yet. Until it is told to begin it only loads itself. */
export interface BackgroundServer {
  /** Whether clients can reach it. */
  readonly serves: boolean;
  /** Set when the process has ended already, to what it said. */
  readonly ended: string | null;
  /** Fulfilled when it serves or has ended. */
  readonly settled: Promise<void>;
  /** Lets it open its log and its socket. */
  begin(): void;
  /** Lets the process go its own way; it ends if it was not told to begin. */
  release(): void;
  /** Ends the process, of which nobody wants to hear any more. */
  kill(): void;
}

/** A server that runs in this process. */
export interface ForegroundServer {
  execute(command: PyValue[]): Promise<PyValue>;
  /** Shuts down; {@link closed} follows. */
  quit(): void;
  /** To be called when the server is configured: a service manager may wait for it. */
  ready(): void;
  readonly closed: Promise<void>;
}
