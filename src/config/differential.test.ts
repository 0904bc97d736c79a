import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { runClient } from "../../test/config-client.ts";
import { referenceCommand, skipWithoutReference } from "../../test/reference.ts";

/** Trees compared; each costs two runs of the reference's client. */
const RUNS = Number(process.env["F2B_DIFFERENTIAL_RUNS"] ?? 15);

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
  {
    weight: 2,
    arbitrary: fc.constantFrom("\t", "üß €", "\u{1f600}", "a;b", " ; gone", "\\", "\u00a0", "\u200b"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("\n# gone\n  on", "\n\n  gap", "\n\t[x]", "\n  a = b", "\n;c\n d"),
  },
  { weight: 1, arbitrary: REFERENCE.map((name) => `%(${name})s`) },
  { weight: 2, arbitrary: TAG.map((name) => `<${name}>`) },
);
const value = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(""));
const delimiter = fc.constantFrom(" = ", " = ", "=", ": ", "\t=\t");
const option = fc.tuple(OPTION, delimiter, value).map(([name, equals, text]) => `${name}${equals}${text}\n`);
const body = fc.uniqueArray(option, { maxLength: 4, selector: (line) => /^\w+/.exec(line)?.[0] });
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
  "etc/jail.local": file(section("jj"), section("kk", "enabled = true\n")),
  "etc/jail.d/10.conf": file(section("jj")),
  "etc/jail.d/2.local": file(section("DEFAULT"), section("jj")),
  "etc/filter.d/ff.conf": file(
    fc.constantFrom("", "[INCLUDES]\nbefore = inc.conf\n", "[INCLUDES]\nafter = inc.conf\n"),
    section("Definition", "failregex = ^<mode> <aa> <bb> <cc> <HOST>$\n"),
    section("Init"),
    section("Sec"),
    section("DEFAULT"),
  ),
  "etc/filter.d/ff.local": file(section("Definition"), section("Init")),
  "etc/filter.d/ff.d/x.conf": file(section("Definition")),
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

/** How the text of a file is written down. Few have a byte-order mark: that ends the reading. */
const layout = fc.record({
  ending: fc.constantFrom("\n", "\n", "\r\n"),
  mark: fc.constantFrom(...Array.from({ length: 40 }, (_, i) => (i === 0 ? "\ufeff" : ""))),
  comment: fc.constantFrom("", "", "# c\n", "; c\n\n", "  # indented\n"),
  at: fc.nat(20),
});

function written(
  text: string,
  { ending, mark, comment, at }: typeof layout extends fc.Arbitrary<infer T> ? T : never,
): string {
  const lines = text.split(/(?<=\n)/);
  lines.splice(at % (lines.length + 1), 0, comment);
  return mark + lines.join("").replaceAll("\n", ending);
}

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

test("generated trees give the reference's dump", { skip: skipWithoutReference() }, async () => {
  const dir = mkdtempSync(join(tmpdir(), "f2b-differential-"));
  try {
    await fc.assert(
      fc.asyncProperty(trees, fc.array(layout, { minLength: 12, maxLength: 12 }), async (files, layouts) => {
        for (const [index, [path, plain]] of Object.entries(files).entries()) {
          const text = path === "a.log" ? plain : written(plain, layouts[index % layouts.length]!);
          mkdirSync(dirname(join(dir, path)), { recursive: true });
          writeFileSync(join(dir, path), text.replaceAll("{DIR}", dir));
        }
        const argv = ["-c", join(dir, "etc"), "-d"];
        const ours = await runClient(argv, "1.0.2");
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
