import { succeeded } from "./command-log.ts";
import type { ShellCommand } from "./dynamic-tags.ts";
import { NftTable } from "./nft-table.ts";
import { plainWords } from "./plain-words.ts";
import type { SystemShell } from "./shell.ts";

/** What a jail wants cleaned in a table of nft. */
export interface CleaningRequest {
  /** `flush` empties sets, `remove` takes them away with their rules, and chain and table once nothing else is in them. */
  readonly kind: "flush" | "remove";
  /** nft, by name or path. */
  readonly program: string;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** The first must be there, others may. */
  readonly sets: readonly string[];
}

interface Waiting {
  readonly request: CleaningRequest;
  readonly timeoutSeconds: number;
  readonly done: (cleaned: boolean) => void;
}

const KINDS: ReadonlyMap<string, CleaningRequest["kind"]> = new Map([
  ["nft-flush", "flush"],
  ["nft-remove", "remove"],
]);
/** Enough for the chains of thousands of jails, bytes. */
const LONGEST_LISTING = 8 * 1024 * 1024;
const NAME = /^[A-Za-z_][\w.-]*$/;
const PROGRAM = /^(?:\/[\w./-]+\/)?[a-z0-9-]+$/;

/**
 * Understands a command that says what it does in its first line, in words that do nothing in a shell:
 * `: nft-flush PROGRAM FAMILY TABLE CHAIN SET…` or `: nft-remove …`. Its last line is `: end`, so that nobody's additions
 * are passed over. `null` for any other command.
 */
export function cleaningRequest({ script, values }: ShellCommand): CleaningRequest | null {
  const lines = script.trim().split("\n");
  if (values.length > 0 || lines.at(-1)?.trim() !== ": end") return null;
  const [colon, verb = "", program = "", ...names] = plainWords(lines[0]!) ?? [];
  const kind = KINDS.get(verb);
  const [family = "", table = "", chain = "", ...sets] = names;
  if (colon !== ":" || !kind || !PROGRAM.test(program) || sets.length === 0) return null;
  if (!names.every((name) => NAME.test(name))) return null;
  return { kind, program, family, table, chain, sets };
}

/**
 * Flushes and removes what jails have in tables of nft, for all jails that want it at the same time in one transaction:
 * a server with fifty jails that stops would otherwise start hundreds of processes.
 */
export class NftCleaning {
  readonly #shell: SystemShell;
  #waiting: Waiting[] = [];
  #working = false;

  constructor(shell: SystemShell) {
    this.#shell = shell;
  }

  /** Does what is asked for. False when that was not possible, and nothing has changed. */
  run(request: CleaningRequest, timeoutSeconds: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push({ request, timeoutSeconds, done: resolve });
    if (!this.#working) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      // Jails that stop together come here in the same round of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      const groups = Map.groupBy(this.#waiting.splice(0), ({ request: { kind, program, family, table } }) =>
        [kind, program, family, table].join(" "),
      );
      for (const group of groups.values()) await this.#clean(group);
    }
    this.#working = false;
  }

  /** @param group requests of one kind about one table */
  async #clean(group: readonly Waiting[]): Promise<void> {
    const [{ request, timeoutSeconds }] = group as [Waiting];
    const { kind, program, family, table } = request;
    const list = [program, "-a", "-t", "list", "table", family, table];
    const listing = await this.#shell.feed(list, "", { timeoutSeconds, outputLimit: LONGEST_LISTING });
    const content = succeeded(listing) && listing.droppedBytes === 0 ? NftTable.parse(listing.stdout) : null;
    const possible = group.filter((one) => content?.hasSet(one.request.sets[0]!));
    const requests = possible.map((one) => one.request);
    const text = content && (kind === "flush" ? content.flushing(requests) : content.removing(requests));
    const result = text ? await this.#shell.feed([program, "-f", "-"], text, { timeoutSeconds }) : null;
    const cleaned = result !== null && succeeded(result);
    for (const one of group) one.done(cleaned && possible.includes(one));
  }
}
