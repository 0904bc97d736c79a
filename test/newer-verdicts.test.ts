import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runTester } from "../src/regex-tester/testing.ts";
import { NEWER_REFERENCE } from "./reference.ts";
import { type BatchRun, runBatch } from "./reference-batch.ts";
import { shared, skipWithout } from "./shared.ts";

/**
 * The filters of Debian 13's stock tree judge recorded lines as that package's own `fail2ban-regex` does: each filter
 * those of its service, with their options, and some of all other services.
 */

process.env["TZ"] = "Europe/Zurich";

const skip = NEWER_REFERENCE.skip() || skipWithout("corpus");
const tree = NEWER_REFERENCE.tree() ?? "";
const folder = mkdtempSync(join(tmpdir(), "f2b-verdicts-"));
after(() => rmSync(folder, { recursive: true }));

interface Sample {
  readonly options: Readonly<Record<string, string>>;
  readonly line: string;
}

/** A run over one log. */
interface Trial {
  /** Name of the filter with its options. */
  readonly filter: string;
  readonly argv: readonly string[];
}

/** Lines on which the reference hangs are missing in the first folder. */
const CORPORA = ["stock-1.0.2", "services"];

function samplesOf(service: string): Sample[] {
  const file = CORPORA.map((corpus) => shared("corpus", corpus, `${service}.jsonl`)).find(existsSync);
  const lines = file ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line) as Sample);
}

function filterWith(name: string, options: Readonly<Record<string, string>>): string {
  const list = Object.entries(options).map(([option, value]) => `${option}="${value}"`);
  // Without a folder it would be the jail of that name, for which the whole jail.conf is read.
  const file = `filter.d/${name}.conf`;
  return list.length > 0 ? `${file}[${list.join(", ")}]` : file;
}

let logs = 0;

/** @param samples what the log is made of */
function trial(filter: string, samples: readonly Sample[], ...options: string[]): Trial {
  const log = join(folder, `${++logs}.log`);
  writeFileSync(log, samples.map(({ line }) => `${line}\n`).join(""));
  return { filter, argv: [...options, "--usedns=no", "-c", tree, log, filter] };
}

function filterNames(): string[] {
  const files = readdirSync(join(tree, "filter.d")).filter((file) => /(?<!common)\.conf$/.test(file));
  return files.map((file) => file.slice(0, -".conf".length));
}

/** One trial for each filter and its options; the one without options goes on with lines of all other services. */
function verdictTrials(): Trial[] {
  const services = readdirSync(shared("corpus", "services")).map((file) => file.slice(0, -".jsonl".length));
  const samples = new Map(services.map((service) => [service, samplesOf(service)]));
  return filterNames().flatMap((name) => {
    const own = Map.groupBy(samples.get(name) ?? [], ({ options }) => filterWith(name, options));
    const others = [...samples].flatMap(([service, lines]) => (service === name ? [] : lines.slice(0, 2)));
    const plain = filterWith(name, {});
    own.set(plain, [...(own.get(plain) ?? []), ...others]);
    return [...own].map(([filter, lines]) => trial(filter, lines, "-o", "row"));
  });
}

/** Jails whose whole report is compared. */
const REPORTED = [
  "sshd",
  "sshd[mode=aggressive]",
  "postfix[mode=aggressive]",
  "dovecot",
  "exim",
  "nginx-http-auth",
  "nginx-botsearch",
  "apache-auth",
  "asterisk",
  "named-refused",
  "mysqld-auth",
  "proftpd",
];

function reportTrials(): Trial[] {
  return REPORTED.map((filter) =>
    trial(
      filter,
      samplesOf(filter.replace(/\[.*/, "")),
      "--print-all-matched",
      "--print-all-missed",
      "--print-all-ignored",
    ),
  );
}

const WARM_UP = ["-o", "", "Nov 21 10:00:00 a 192.0.2.1", "^ a <HOST>"];

function theirs(trials: readonly Trial[]): Promise<BatchRun[]> {
  return runBatch(NEWER_REFERENCE, "fail2ban-regex", {
    warmUp: WARM_UP,
    runs: trials.map(({ argv }) => argv),
  });
}

/**
 * Rows without what differs by nature: the order of elements, and the time of lines without a date, which is that of
 * the run. Groups that captured nothing are left out: 1.1.0 lists them also where there is a prefregex.
 */
function plainRows(rows: string): string[] {
  return rows.split("\n").map((row) => {
    const [, id, time, groups] = /^\[(.*),\t(.*),\t\{(.*)\}\],$/.exec(row) ?? [];
    if (groups === undefined) return row;
    const values = groups.split(/, (?='\w+': )/).filter((group) => !group.endsWith("': None"));
    return [id, Number(time) >= BEGIN ? "NOW" : time, ...values.map(sortedSet).sort()].join(" ");
  });
}

function sortedSet(group: string): string {
  const [, name, items] = /^('\w+': )\{(.*)\}$/.exec(group) ?? [];
  return items === undefined ? group : `${name}{${items.split(", ").sort().join(", ")}}`;
}

/** The reference's clock has whole seconds. */
const BEGIN = Math.floor(Date.now() / 1000);

describe("stock filters of Debian 13 judge lines as that package does", { skip }, () => {
  const trials = verdictTrials();
  let expected: BatchRun[];
  before(async () => {
    expected = await theirs(trials);
  });
  for (const [index, { filter, argv }] of trials.entries()) {
    test(filter, async () => {
      const { exit, stdout, stderr } = expected[index]!;
      const { code, out, err } = await runTester(argv);
      assert.deepEqual({ exit: code, stderr: err }, { exit: 0, stderr: "" }, "it compiles");
      assert.deepEqual({ exit, stderr }, { exit: 0, stderr: "" });
      assert.deepEqual(plainRows(out), plainRows(stdout));
    });
  }

  test("most filters find something", () => {
    const found = expected.filter(({ stdout }) => stdout !== "");
    assert.ok(found.length > 100, `${found.length} of ${trials.length}`);
  });
});

/** Parts of a report that differ by nature: the time it took, and what the tags in a prefregex stand for. */
const VARYING = /(?<=^Prefregex: .*\n).*|(?<=^\[processed in )\d+\.\d+/gm;

describe("and fail2ban-regex reports as that package's", { skip }, () => {
  const trials = reportTrials();
  let expected: BatchRun[];
  before(async () => {
    expected = await theirs(trials);
  });
  for (const [index, { filter, argv }] of trials.entries()) {
    test(filter, async () => {
      const plain = (report: string) => report.replaceAll(VARYING, "").split("\n");
      const { exit, stdout } = expected[index]!;
      const { code, out } = await runTester(argv);
      assert.deepEqual(plain(out), plain(stdout));
      assert.equal(code, exit);
    });
  }
});
