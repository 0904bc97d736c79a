import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import type { FailureData, MatchedLine } from "../detect/failure.ts";
import { Identifier } from "../net/identifier.ts";
import { str } from "../pyvalue/repr.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { captureKey } from "./ban-info.ts";
import { CommandTemplate, type ShellCommand, type TagSource } from "./dynamic-tags.ts";
import { escapeTag, replaceStaticTags, resolveTable } from "./static-tags.ts";
import { TicketInfo } from "./ticket-info.ts";

/** A recorded case; each list uses some of the fields. */
interface Entry {
  readonly in: string;
  readonly query: string;
  readonly tags: Record<string, PyValue>;
  readonly conditional?: string;
  readonly ignore?: string[];
  readonly out: unknown;
  readonly error?: string;
  readonly error_text?: string;
  readonly sh_stdout?: string;
  readonly ip: string;
  readonly time: number;
  readonly data: FailureData;
  readonly ban_time: number | null;
  readonly ban_count: number;
  readonly restored: boolean;
}

const skip = skipWithout("golden", "replacetag.json");
const golden: Record<string, Entry[]> = skip
  ? {}
  : JSON.parse(readFileSync(shared("golden", "replacetag.json"), "utf8"));

function each(list: string, check: (entry: Entry) => void | Promise<void>): void {
  describe(`recorded: ${list}`, { skip }, () => {
    for (const entry of golden[list] ?? [])
      it(JSON.stringify(entry.query ?? entry.in ?? entry.tags), () => check(entry));
  });
}

function table(tags: Record<string, PyValue>): Map<string, PyValue> {
  return new Map(Object.entries(tags));
}

function expectError(entry: Entry, run: () => unknown): void {
  assert.throws(
    run,
    (error) =>
      error instanceof PyError && error.className === entry.error && error.message === entry.error_text,
  );
}

/** A command as the recordings write it: its text, or a list of the script and its values. */
function written(command: ShellCommand): unknown {
  return command.values.length === 0 ? command.script : [command.script, ...command.values];
}

/** Values as the recordings give them: captured texts under `F-*`. */
function source(tags: Record<string, unknown>): TagSource {
  return {
    value(tag) {
      const key = captureKey(tag);
      const captured = tags["F-*"] as Record<string, string> | undefined;
      if (key !== null) return captured?.[key] ?? "";
      const value = tags[tag] as PyValue | undefined;
      return value === undefined || value === null ? (value ?? undefined) : str(value);
    },
  };
}

each("escapeTag", (entry) => assert.equal(escapeTag(entry.in), entry.out));

each("static", (entry) => {
  const options = entry.conditional ? { condition: entry.conditional } : {};
  const run = () => replaceStaticTags(entry.query, resolveTable(table(entry.tags), options), options);
  if (entry.error) expectError(entry, run);
  else assert.equal(run(), entry.out);
});

each("recursive", (entry) => {
  const ignore: ReadonlySet<string> = new Set(entry.ignore ?? []);
  const condition = entry.conditional ? { condition: entry.conditional } : {};
  const run = () => Object.fromEntries(resolveTable(table(entry.tags), { ignore, ...condition }));
  if (entry.error) expectError(entry, run);
  else assert.deepEqual(run(), entry.out);
});

each("dynamic", async (entry) => {
  const tags = entry.tags;
  const values = source(tags);
  const withNone: TagSource = {
    value: (tag) => (tag in tags && tags[tag] === null ? null : values.value(tag)),
  };
  const command = await new CommandTemplate(entry.query).render(withNone);
  assert.deepEqual(written(command), entry.out);
  if (entry.sh_stdout === undefined) return;
  assert.equal(runInShell(command), entry.sh_stdout);
});

each("ticket", async (entry) => {
  const { matches, failures, ...data } = entry.data;
  const info = new TicketInfo(
    {
      id: Identifier.parse(entry.ip),
      time: entry.time,
      timeIsInteger: false,
      banTime: entry.ban_time,
      banCount: entry.ban_count,
      failures: Number(failures),
      address: typeof data["ip"] === "string" ? data["ip"] : null,
      data: { ...data, matches: matches as readonly MatchedLine[] },
      restored: entry.restored,
    },
    {
      jail: {
        name: "sshd",
        bantime: () => 600,
        banned: () => 4,
        bannedTotal: () => 11,
        found: () => 2,
        foundTotal: () => 9,
      },
      history: () => null,
      reverseLookup: async () => null,
    },
  );
  assert.deepEqual(written(await new CommandTemplate(entry.query).render(info)), entry.out);
});

function runInShell(command: ShellCommand): string {
  try {
    return execFileSync("/bin/sh", ["-c", command.script, ...command.values], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      cwd: "/",
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
