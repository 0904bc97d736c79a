import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { runProgram } from "../src/client/program.ts";
import { banner } from "../src/client/usage.ts";
import { isUtf8, realEnvironment } from "../src/main/environment.ts";
import { shared, skipWithout } from "./shared.ts";

/**
 * Replays the recorded sessions of the client programs, one after the other against one server: the real
 * programs, run in this process, with real server processes. `GOLDEN_STEPS=1-46` limits it to some steps.
 */

interface Step {
  seq: number;
  name: string;
  prog: "fail2ban-client" | "fail2ban-server";
  argv: string[];
  pre?: Doing[];
  post?: Doing[];
  stdin?: string;
  env?: Record<string, string>;
  user?: "non-root";
  stdout: string;
  stderr: string;
  exit: number;
  stdout_first_lines_only?: number;
  compare?: "python-error-text" | "log-lines";
}

interface Doing {
  append?: string;
  lines?: string[];
  write?: string;
  text?: string;
  unlink?: string;
  sleep?: number;
  make_dead_socket?: string;
  chmod?: string;
  mode?: string;
}

interface Result {
  stdout: string;
  stderr: string;
  exit: number;
}

/** Steps whose result differs on purpose. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "status-sshd-stats": "the reference cannot print this flavour, ours draws the table",
  "status-all-stats": "the reference cannot print this flavour, ours draws the table",
  "get-bantime-evformula": "an inner value of the reference that breaks its answer",
  "flushlogs-stdout-lower":
    "the reference mistakes the target stdout for a file when it is written in lower case",
};

const BIN = resolve(import.meta.dirname, "../bin");
/** The reference's server needs time for what ours mostly does at once; questions are repeated that long. */
const PATIENCE_SECONDS = 60;
/** Once so much was waited in vain, something is wrong from the ground up and nothing more is waited for. */
const WASTE_SECONDS = 120;
const QUESTIONS: ReadonlySet<string> = new Set(["get", "status", "stats", "statistics", "banned", "ping"]);

const skip = skipWithout("golden", "client");

test("recorded sessions of the client programs", { skip }, async (t) => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "f2b-golden-")));
  chmodSync(dir, 0o755);
  process.env.TZ = "UTC";
  const place = (text: string) => text.replaceAll("{DIR}", dir);
  const files: Record<string, string> = read("00-setup.json").files;
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), place(text));
  }
  let wasted = 0;
  try {
    for (const step of steps()) {
      const different = DIFFERENT[step.name];
      await t.test(`${step.seq} ${step.name}`, { todo: different ?? false }, async () => {
        for (const doing of step.pre ?? []) await act(doing, place);
        const patience = wasted < WASTE_SECONDS ? PATIENCE_SECONDS : 0;
        const deadline = performance.now() + patience * 1000;
        for (;;) {
          const result = await runStep(step, place);
          try {
            if (!different) compare(step, result, place);
            break;
          } catch (error) {
            if (!isQuestion(step)) throw error;
            if (performance.now() > deadline) {
              wasted += patience;
              throw error;
            }
            await new Promise((done) => setTimeout(done, 100));
          }
        }
        for (const doing of step.post ?? []) await act(doing, place);
      });
    }
  } finally {
    spawnSync(join(BIN, "fail2ban-client"), ["-c", join(dir, "config"), "stop"], { timeout: 60_000 });
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
});

function read(file: string) {
  return JSON.parse(readFileSync(shared("golden", "client", file), "utf8"));
}

function steps(): Step[] {
  const [from = 0, to = 1e9] = (process.env.GOLDEN_STEPS ?? "").split("-").filter(Boolean).map(Number);
  const all: Step[] = readdirSync(shared("golden", "client"))
    .filter((file) => /^\d{3}-/.test(file))
    .map(read);
  return all.sort((a, b) => a.seq - b.seq).filter(({ seq }) => seq >= from && seq <= to);
}

function isQuestion(step: Step): boolean {
  return step.stdin === undefined && QUESTIONS.has(step.argv[2] ?? "");
}

async function act(doing: Doing, place: (text: string) => string): Promise<void> {
  if (doing.append) await nextSecond();
  const now = new Date().toISOString().slice(0, 19).replace("T", " ");
  if (doing.append) {
    const lines = (doing.lines ?? []).map((line) => `${place(line).replaceAll("{NOW}", now)}\n`);
    appendFileSync(place(doing.append), lines.join(""));
  }
  if (doing.write) writeFileSync(place(doing.write), place(doing.text ?? ""));
  if (doing.unlink) unlinkSync(place(doing.unlink));
  if (doing.chmod) chmodSync(place(doing.chmod), Number.parseInt(doing.mode ?? "", 8));
  if (doing.make_dead_socket) makeDeadSocket(place(doing.make_dead_socket));
}

/** Log lines carry whole seconds; without this they would seem older than what happened just before them. */
function nextSecond(): Promise<void> {
  return new Promise((done) => setTimeout(done, 1000 - (Date.now() % 1000)));
}

/** A socket that nobody listens on: bound by a process that then dies without clean-up. */
function makeDeadSocket(path: string): void {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
}

async function runStep(step: Step, place: (text: string) => string): Promise<Result> {
  const argv = step.argv.map(place);
  return step.user === "non-root" ? runAsNobody(step, argv) : runHere(step, argv);
}

const environment = realEnvironment();

async function runHere(step: Step, argv: string[]): Promise<Result> {
  let stdout = "";
  let stderr = "";
  const ok = await runProgram(step.prog, argv, {
    ...environment,
    print: (text) => {
      stdout += text;
    },
    printError: (text) => {
      stderr += text;
    },
    utf8: isUtf8({ LC_ALL: "C.UTF-8", ...step.env }),
    input: { input: Readable.from([step.stdin ?? ""]), output: new Writable() },
  });
  return { stdout, stderr, exit: ok ? 0 : 255 };
}

function runAsNobody(step: Step, argv: string[]): Result {
  const env = { PATH: process.env.PATH, TZ: "UTC", LC_ALL: "C.UTF-8", ...step.env };
  const run = spawnSync(join(BIN, step.prog), argv, {
    env,
    cwd: "/",
    uid: 65534,
    gid: 65534,
    encoding: "utf8",
  });
  return { stdout: run.stdout, stderr: run.stderr, exit: run.status ?? -1 };
}

/** What is said beyond the reference comes from a logger of its own. */
const OWN_LINES = /^\S+ \S+ fail2ban\.configcheck .*\n/gm;

function compare(step: Step, result: Result, place: (text: string) => string): void {
  const shown = `\n--- stdout\n${result.stdout}\n--- stderr\n${result.stderr}`;
  assert.equal(result.exit, step.exit, `exit code${shown}`);
  if (step.compare === "python-error-text") return;
  const lines = step.stdout_first_lines_only;
  const stdout = lines ? `${result.stdout.split("\n").slice(0, lines).join("\n")}\n` : result.stdout;
  matches(stdout, place(step.stdout), "standard output");
  const stderr = result.stderr.replaceAll(OWN_LINES, "");
  if (step.compare !== "log-lines") matches(stderr, place(step.stderr), "standard error");
}

/** The two lines that say what the program is, in the reference's words; ours has its own. */
const REFERENCE_BANNER = /Fail2Ban v\{VERSION\} reads .*\n.*\n/;

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  TIME: "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d",
  MS: "\\d{3}",
  PID: "\\d+",
  SECS: "-?\\d+",
  VERSION: "\\S+",
};

function matches(actual: string, expected: string, what: string): void {
  const own = expected.replace(REFERENCE_BANNER, () => `${banner()}\n`);
  const pattern = own
    .split(/\{((?:RE:)?[A-Z0-9]+)\}/)
    .map((part, i) => (i % 2 === 0 ? RegExp.escape(part) : (PLACEHOLDERS[part] ?? ".+?")))
    .join("");
  if (!new RegExp(`^${pattern}$`, "s").test(actual)) assert.equal(actual, own, what);
}
