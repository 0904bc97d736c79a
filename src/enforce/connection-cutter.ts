import type { Logger } from "../log/logger.ts";
import type { Identifier } from "../net/identifier.ts";
import type { ShellRunner } from "./shell.ts";

/** What the cutter needs. */
export interface ConnectionCutterOptions {
  /** Name of the jail. */
  readonly jail: string;
  readonly runner: ShellRunner;
  /** Logger `fail2ban.actions`. */
  readonly log: Logger;
}

/** Most addresses in one run; the filter of `ss` grows with them. */
const MOST_AT_ONCE = 100;
const TIMEOUT_SECONDS = 30;
/** What is between one look for connections that were cut and are there again, and the next. */
const PAUSES_SECONDS = [0.1, 0.3, 1];
/** Exit codes of the script: neither program is there; connections are still there. */
const NO_PROGRAM = 3;
const STILL_THERE = 4;

/**
 * Cuts connections that are established with addresses or networks: those of this machine by `ss -K`, those that pass
 * through it by `conntrack -D`, each if it is there. What is asked for meanwhile is done in the next run, together.
 */
export class ConnectionCutter {
  readonly #o: ConnectionCutterOptions;
  readonly #waiting = new Map<string, Identifier>();
  readonly #told = new Set<string>();
  #working = false;

  constructor(options: ConnectionCutterOptions) {
    this.#o = options;
  }

  /** Cuts the connections of an address or a network, soon; other texts have none. */
  cut(id: Identifier): void {
    if (id.family === null) return;
    this.#waiting.set(id.text, id);
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    // Whoever is banned in the same turn of the event loop joins the first run.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const ids = [...this.#waiting.values()].slice(0, MOST_AT_ONCE);
      for (const { text } of ids) this.#waiting.delete(text);
      await this.#run(ids);
    }
    this.#working = false;
  }

  async #run(ids: readonly Identifier[]): Promise<void> {
    const { runner, log, jail } = this.#o;
    const command = { script: cuttingScript(ids), values: [] };
    const { code, error, stdout, stderr } = await runner.run(command, { timeoutSeconds: TIMEOUT_SECONDS });
    const count = new Set(
      stdout
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map(connectionIn),
    ).size;
    if (count > 0) log.info(`[${jail}] Cut ${count} connection(s) of ${listed(ids)}`);
    if (code === 0) return;
    this.#tellOnce(
      REASONS.get(code ?? -1) ?? `${error?.message ?? stderr.trim().slice(0, 500)} (exit code ${code})`,
    );
  }

  #tellOnce(reason: string): void {
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    this.#o.log.warning(`[${this.#o.jail}] killconnections: ${reason}`);
  }
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [NO_PROGRAM, "neither ss (iproute2) nor conntrack is installed, so connections of banned addresses stay"],
  [
    STILL_THERE,
    "ss could not cut connections, they stay (is the kernel built without CONFIG_INET_DIAG_DESTROY, or not root?)",
  ],
]);

/** A script that cuts the connections of these and prints a line for each that was cut. */
function cuttingScript(ids: readonly Identifier[]): string {
  // Canonical texts of addresses and networks hold nothing that a shell could take for syntax.
  const filter = `( ${ids.map(({ text }) => `dst ${text}`).join(" or ")} )`;
  const deletions = ids.flatMap(({ text, family }) =>
    ["-s", "-d"].map(
      (end) => `conntrack -D -f ${family === "inet4" ? "ipv4" : "ipv6"} ${end} ${text} 2>/dev/null`,
    ),
  );
  return [
    "there= result=0",
    "if command -v ss >/dev/null 2>&1; then there=1",
    `ss -K -H -n -t '${filter}'`,
    `[ -z "$(ss -H -n -t state established '${filter}')" ] || result=${STILL_THERE}`,
    "fi",
    "if command -v conntrack >/dev/null 2>&1; then there=1",
    `cut=$(${deletions.join("\n")})`,
    `[ -z "$cut" ] || printf '%s\\n' "$cut"`,
    // A packet of the other end that is under way takes the connection up again, from the side that is not banned.
    `for pause in ${PAUSES_SECONDS.join(" ")}; do`,
    '[ -n "$cut" ] || break',
    "sleep $pause",
    `cut=$(${deletions.join("\n")})`,
    "done",
    "fi",
    `[ -n "$there" ] || exit ${NO_PROGRAM}`,
    "exit $result",
  ].join("\n");
}

/** What a line says of one connection: its ends, whichever of them is told first, where it is conntrack that tells. */
function connectionIn(line: string): string {
  const [, source, destination, sourcePort, destinationPort] =
    / src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/.exec(line) ?? [];
  if (source === undefined) return line;
  return [`${source} ${sourcePort}`, `${destination} ${destinationPort}`].sort().join(" ");
}

function listed(ids: readonly Identifier[]): string {
  const [first] = ids;
  return ids.length === 1 ? (first?.text ?? "") : `${ids.length} banned addresses`;
}
