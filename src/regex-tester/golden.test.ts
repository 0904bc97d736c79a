import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { systemClock } from "../time/clock.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { runProgram } from "./program.ts";

process.env["TZ"] = "UTC";

interface Exchange {
  readonly name: string;
  readonly argv: readonly string[];
  readonly files?: Readonly<Record<string, string | { readonly bytes_hex: string }>>;
  readonly stdin?: string;
  readonly stdin_file?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
  readonly stdout_first_lines_only?: number;
  readonly compare?: string;
}

/** Exchanges in which a Python interpreter shows through, or a program that is not there. */
const NOT_COMPARED = new Map([
  ["datepattern-bad-verbose", "a trace of calls inside the reference"],
  ["systemd-journal-no-library", "what the reference says without an optional library"],
  ["systemd-journal-args-no-library", "what the reference says without an optional library"],
  ["hit-in-two-expressions", "for information only"],
  ["log-level-info", "log lines of the reference's parts"],
]);

const skip = skipWithout("golden", "regex");
const folder = shared("golden", "regex");
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
const home = process.cwd();
const DIR = mkdtempSync(join(tmpdir(), "fail2ban-regex-"));
const PROGRAM = "/opt/bin/fail2ban-regex";

describe("fail2ban-regex prints what the reference prints", { skip }, () => {
  after(() => {
    process.chdir(home);
    rmSync(DIR, { recursive: true });
  });
  for (const file of files) {
    const exchange = JSON.parse(readFileSync(join(folder, file), "utf8")) as Exchange;
    const isPiped = exchange.argv.includes("/dev/stdin");
    const notCompared =
      NOT_COMPARED.get(exchange.name) ?? (isPiped ? "needs a standard input of its own" : false);
    test(file.replace(".json", ""), { skip: notCompared }, async () => {
      prepare(exchange);
      let stdout = "";
      let stderr = "";
      const exit = await runProgram(
        exchange.argv.map((word) => word.replaceAll("{DIR}", DIR)),
        {
          program: PROGRAM,
          version: FAIL2BAN_VERSION,
          clock: systemClock,
          variables: {},
          names: {
            addressesOf: () => Promise.reject(new Error("no names here")),
            nameOf: () => Promise.reject(new Error("none")),
          },
          out: (text) => {
            stdout += text;
          },
          err: (text) => {
            stderr += text;
          },
        },
      );
      assert.equal(exit, exchange.exit, stdout + stderr);
      compare(stdout, exchange.stdout, exchange.stdout_first_lines_only);
      if (!/TRACEBACK/.test(exchange.stderr)) compare(stderr, exchange.stderr);
    });
  }
});

/** Filters include others, so the whole tree is there each time. */
const TREE = "010-filter-by-name.json";

function prepare(exchange: Exchange): void {
  const tree = JSON.parse(readFileSync(join(folder, TREE), "utf8")) as Exchange;
  rmSync(DIR, { recursive: true });
  mkdirSync(join(DIR, "etc"), { recursive: true });
  for (const [path, content] of Object.entries({ ...tree.files, ...exchange.files })) {
    const target = join(DIR, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, typeof content === "string" ? content : Buffer.from(content.bytes_hex, "hex"));
  }
  process.chdir(DIR);
}

const WILDCARDS: Readonly<Record<string, string>> = {
  DIR: RegExp.escape(DIR),
  BIN: RegExp.escape(dirname(PROGRAM)),
  TIME: "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d",
  MS: "\\d{3}",
  PID: "\\d+",
  SEC: "\\d+\\.\\d\\d",
  NOWEPOCH: "\\d+\\.\\d+",
  NOW: "\\w{3} \\w{3} \\d\\d \\d\\d:\\d\\d:\\d\\d \\d{4}",
  VERSION: "\\S+",
};

function compare(actual: string, expected: string, firstLines?: number): void {
  const lines = actual.split("\n");
  const isCut = firstLines !== undefined && lines.length > firstLines + 1;
  const shown = isCut ? `${lines.slice(0, firstLines).join("\n")}\n` : actual;
  const pattern = expected
    .split(/\{([A-Z0-9:-]+)\}/)
    .map((part, i) => {
      if (i % 2 === 0) return RegExp.escape(part);
      if (/^(?:RE:|DATE-)/.test(part)) return "[^\\n]*";
      return WILDCARDS[part] ?? RegExp.escape(`{${part}}`);
    })
    .join("")
    .replace(/(?<=at\\x20position\\x20)\d+/g, "\\d+");
  if (!new RegExp(`^${pattern}$`).test(shown)) assert.equal(shown, expected, pattern);
}
