import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { referenceCommand, skipWithoutReference } from "../../test/reference.ts";
import { runClient } from "./test-client.ts";

/** Trees compared; each costs two runs of the reference's client. */
const RUNS = Number(process.env["F2B_DIFFERENTIAL_RUNS"] ?? 8);

type Files = Record<string, string>;

const OPTION = fc.constantFrom("aa", "bb", "cc", "mode", "bantime", "port");
const REFERENCE = fc.constantFrom(
  "aa",
  "bb",
  "cc",
  "known/aa",
  "known/bb",
  "default/cc",
  "sec/aa",
  "__name__",
);
const TAG = fc.constantFrom(
  "aa",
  "bb",
  "cc",
  "mode",
  "CC",
  "known/aa",
  "Sec/bb",
  "default/cc",
  "aa-<mode>",
  "HOST",
);

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("x", "y z", "%%", "# k", "=", "'q'", '"d"', "\n  more") },
  { weight: 1, arbitrary: REFERENCE.map((name) => `%(${name})s`) },
  { weight: 2, arbitrary: TAG.map((name) => `<${name}>`) },
);
const value = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(""));
const option = fc.tuple(OPTION, value).map(([name, text]) => `${name} = ${text}\n`);
const body = fc.uniqueArray(option, { maxLength: 4, selector: (line) => line.slice(0, line.indexOf(" ")) });
const section = (name: string, ...extra: string[]) =>
  body.map((lines) => `[${name}]\n${[...extra, ...lines].join("")}`);
const file = (...sections: fc.Arbitrary<string>[]) => fc.tuple(...sections).map((parts) => parts.join(""));

const trees: fc.Arbitrary<Files> = fc.record({
  "etc/fail2ban.conf": fc.constant("[Definition]\nallowipv6 = auto\ndbfile = None\n"),
  "etc/jail.conf": file(
    section("DEFAULT", "backend = polling\nlogpath = {DIR}/a.log\n"),
    fc.constantFrom(
      "[jj]\nenabled = true\nfilter = ff\naction = fw\n",
      '[jj]\nenabled = true\nfilter = ff[mode=par, aa="<known/aa>+"]\naction = fw[bb=par, name=other] fw[actname=two, CC=1]\n',
      '[jj]\nenabled = true\nfilter = ff\nfailregex = %(known/failregex)s\n  two\naction = fw[aa="%(port)s"]\nport = 22\n',
    ),
    section("sec", "sx = 1\n"),
  ),
  "etc/jail.local": file(section("jj")),
  "etc/filter.d/ff.conf": file(
    fc.constantFrom("", "[INCLUDES]\nbefore = inc.conf\n", "[INCLUDES]\nafter = inc.conf\n"),
    section("Definition", "failregex = ^<mode> <aa> <bb> <cc> <HOST>$\n"),
    section("Init"),
    section("Sec"),
    section("DEFAULT"),
  ),
  "etc/filter.d/ff.local": file(section("Definition"), section("Init")),
  "etc/filter.d/inc.conf": file(section("Definition"), section("DEFAULT")),
  "etc/action.d/fw.conf": file(
    section("Definition", "actionban = ban <aa> <bb> <cc> <port> <ip>\n", "norestored = yes\n"),
    section("Init"),
    // Not `aa`, `bb`: parameters of the older package do not stand for their variants.
    value.map((text) => `[Init?family=inet6]\ncc = ${text}\n`),
    section("Sec"),
  ),
  "a.log": fc.constant(""),
});

/** Messages that the older package writes and the version we follow does not. */
const OLDER = /^.* WARNING '[^']*' not defined in '[^']*'\. Using default one: .*\n/gm;
/** The older package names the action when its reading fails. */
const WRAPPED =
  /Error in action definition (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"): (?:\w+\((["'])(.*)\1\)$)?/gm;

function reference(argv: string[]): { stdout: string; stderr: string; exit: number | null } {
  const { command, args, env } = referenceCommand("fail2ban-client", ...argv);
  const run = spawnSync(command, args, { env: { ...env, LC_ALL: "C.UTF-8" }, encoding: "utf8" });
  const stderr = run.stderr
    .replace(/^\S+ \S+,\d{3} (.{24})\[\d+\]/gm, "$1")
    .replace(OLDER, "")
    .replace(WRAPPED, "$2");
  return { stdout: run.stdout, stderr, exit: run.status };
}

test("generated trees give the reference's dump", { skip: skipWithoutReference() }, () => {
  const dir = mkdtempSync(join(tmpdir(), "f2b-differential-"));
  try {
    fc.assert(
      fc.property(trees, (files) => {
        for (const [path, text] of Object.entries(files)) {
          mkdirSync(dirname(join(dir, path)), { recursive: true });
          writeFileSync(join(dir, path), text.replaceAll("{DIR}", dir));
        }
        const argv = ["-c", join(dir, "etc"), "-d"];
        const ours = runClient(argv, "1.0.2");
        // The reference has no bound: it would be busy for minutes.
        fc.pre(!ours.stderr.includes(" grows "));
        const theirs = reference(argv);
        assert.equal(ours.stdout, theirs.stdout);
        assert.equal(ours.stderr, theirs.stderr);
        assert.equal(ours.exit, theirs.exit);
      }),
      { numRuns: RUNS },
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});
