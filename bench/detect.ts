import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { commandFolder, ROOT } from "../test/instance.ts";
import { referenceCommand, referenceTree } from "../test/reference.ts";
import { authLog, writeBlocks } from "./generate.ts";
import { accessLog, mailLog, type ServiceLogOptions } from "./generate-services.ts";
import { highWaterOf } from "./process.ts";
import { count, printTable, ratio } from "./table.ts";

/** Lines per second of detection alone: ours as a library and as `fail2ban-regex`, beside others. */

/** One log and the filter for it. */
interface Subject {
  readonly title: string;
  /** Lines of the log, as a share of those asked for. */
  readonly size: number;
  readonly log: (options: ServiceLogOptions) => Iterable<string>;
  readonly failures: number;
  /** Name of a stock filter, or an expression. */
  readonly filter: string;
  /** An expression for grep that finds about the same lines. */
  readonly grep: string;
  readonly isAuth?: boolean;
}

const auth = (options: ServiceLogOptions) => authLog({ ...options, attackers: 2000, interval: 0.009 });
const AUTH_GREP = "sshd\\[[0-9]+\\]: (Failed password for|Invalid user) .* from [0-9a-f.:]+ port";
const ACCESS_GREP = "^[0-9a-f.:]+ - - .* 404";
const SUBJECTS: readonly Subject[] = [
  {
    title: "auth log, 5 % failures, sshd",
    size: 1,
    log: auth,
    failures: 0.05,
    filter: "sshd",
    grep: AUTH_GREP,
    isAuth: true,
  },
  {
    title: "auth log, 60 % failures, sshd",
    size: 1,
    log: auth,
    failures: 0.6,
    filter: "sshd",
    grep: AUTH_GREP,
    isAuth: true,
  },
  {
    title: "nginx access log, ^<HOST> - - .* 404",
    size: 2,
    log: accessLog,
    failures: 0.05,
    filter: "^<HOST> - - .* 404",
    grep: ACCESS_GREP,
  },
  {
    title: "nginx access log, nginx-botsearch",
    size: 2,
    log: accessLog,
    failures: 0.05,
    filter: "nginx-botsearch",
    grep: ACCESS_GREP,
  },
  {
    title: "mail log, postfix",
    size: 0.5,
    log: mailLog,
    failures: 0.05,
    filter: "postfix",
    grep: "NOQUEUE: reject: RCPT from",
  },
];

/** The reference is too slow for more. */
const REFERENCE_LINES = 100_000;
const SEED = 20261121;
const DAY = 86_400;
/** Environment variable `SSHGUARD_PARSER`: where it is, if not where Debian puts it. */
const SSHGUARD = [
  process.env["SSHGUARD_PARSER"] ?? "",
  "/usr/libexec/sshguard/sshg-parser",
  "/usr/lib/sshguard/sshg-parser",
].find((path) => existsSync(path));

interface Run {
  readonly program: string;
  readonly lines: number;
  readonly seconds: number;
  readonly found: number;
  /** Most memory in megabytes. */
  readonly resident?: number;
}

/** @param lines length of the auth logs; the others' follow from it */
export async function benchDetect(lines: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "f2b-bench-"));
  try {
    await buildLibrary(join(folder, LIBRARY));
    for (const subject of SUBJECTS) await benchSubject(subject, Math.round(lines * subject.size), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function benchSubject(subject: Subject, lines: number, folder: string): Promise<void> {
  const options = { failures: subject.failures, seed: SEED, start: Date.now() / 1000 - DAY };
  const log = join(folder, "bench.log");
  const begin = join(folder, "begin.log");
  writeBlocks(log, subject.log({ ...options, lines }));
  const firstLines = Math.min(lines, REFERENCE_LINES);
  writeBlocks(begin, subject.log({ ...options, lines: firstLines }));
  const reference = referenceRun(subject, begin, firstLines);
  const library = libraryRun(subject, log, join(folder, LIBRARY));
  const runs: Run[] = [library, await testerRun(subject, log, lines), reference];
  if (subject.isAuth && SSHGUARD) runs.push(sshguardRun(SSHGUARD, log, lines));
  runs.push(grepRun(subject, log, lines));
  const theirs = reference.lines / reference.seconds;
  const rows = runs.map(({ program, lines: done, seconds, found, resident }) => [
    program,
    count(done),
    seconds.toFixed(2),
    count(done / seconds),
    count(found),
    resident === undefined ? "" : resident.toFixed(0),
    ratio(done / seconds, theirs),
  ]);
  const title = `${subject.title}, ${count(lines)} lines`;
  printTable(title, ["program", "lines", "s", "lines/s", "found", "MB", "/reference"], rows);
  if (subject.isAuth && !SSHGUARD)
    console.log("(sshguard's parser is not installed: Debian package sshguard)");
}

const LIBRARY = "detect-library.mjs";
/** As `fail2ban-regex` has it. */
const ENGINE = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=8", "--v8-pool-size=2"];

/** Made one file, as users get it: what strips types from sources takes 45 MB by itself. */
function buildLibrary(outfile: string): Promise<unknown> {
  const entry = join(ROOT, "bench/detect-library.ts");
  return build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" });
}

function libraryRun({ filter }: Subject, log: string, program: string): Run {
  const { stdout } = run(process.execPath, [...ENGINE, program, referenceTree()!, filter, log], {});
  const { lines, failures, seconds, resident } = JSON.parse(stdout);
  return { program: "library", lines, seconds, found: failures, resident };
}

/** Seconds between two looks at the memory of a program. */
const LOOK_SECONDS = 0.02;

async function testerRun({ filter }: Subject, log: string, lines: number): Promise<Run> {
  const program = join(commandFolder(), "fail2ban-regex");
  const begin = performance.now();
  const child = spawn(program, ["-c", referenceTree()!, log, filter], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let resident = 0;
  const looking = setInterval(() => {
    resident = Math.max(resident, highWaterOf(child.pid!) ?? 0);
  }, LOOK_SECONDS * 1000);
  let report = "";
  child.stdout.on("data", (chunk) => {
    report += chunk;
  });
  const [code] = await once(child, "close");
  const seconds = (performance.now() - begin) / 1000;
  clearInterval(looking);
  if (code !== 0) throw new Error(`${program}: exit code ${code}`);
  return { program: "fail2ban-regex", lines, seconds, found: matched(report), resident };
}

function referenceRun({ filter }: Subject, log: string, lines: number): Run {
  const { command, args, env } = referenceCommand("fail2ban-regex", "-c", referenceTree()!, log, filter);
  const { stdout, seconds } = run(command, args, { env });
  return { program: "fail2ban-regex (reference)", lines, seconds, found: matched(stdout) };
}

function grepRun({ grep }: Subject, log: string, lines: number): Run {
  const { stdout, seconds } = run("grep", ["-cE", grep, log], { env: { ...process.env, LC_ALL: "C" } });
  return { program: "grep -cE", lines, seconds, found: Number(stdout) };
}

function sshguardRun(parser: string, log: string, lines: number): Run {
  const input = openSync(log, "r");
  try {
    const { stdout, seconds } = run(parser, [], { input });
    return { program: "sshguard's parser", lines, seconds, found: stdout.split("\n").length - 1 };
  } finally {
    closeSync(input);
  }
}

function matched(report: string): number {
  return Number(/(\d+) matched/.exec(report)?.[1]);
}

/** Runs a program to its end. */
function run(
  command: string,
  args: readonly string[],
  { env = process.env, input }: { env?: NodeJS.ProcessEnv; input?: number },
): { stdout: string; seconds: number } {
  const begin = performance.now();
  const result = spawnSync(command, args, {
    encoding: "utf8",
    env,
    maxBuffer: 1 << 30,
    stdio: [input ?? "ignore", "pipe", "pipe"],
  });
  const seconds = (performance.now() - begin) / 1000;
  if (result.error) throw result.error;
  if (result.status !== 0 && command !== "grep")
    throw new Error(`${command} ${args.join(" ")}: ${result.stdout.slice(-500)}${result.stderr}`);
  return { stdout: result.stdout, seconds };
}
