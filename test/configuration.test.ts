import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runProgram } from "../src/client/program.ts";
import { realEnvironment } from "../src/main/environment.ts";
import { Instance, ROOT, until } from "./instance.ts";
import { shared, skipWithout } from "./shared.ts";

/** What the client makes of configurations, by itself and without a server. */

const QUIET = "[DEFAULT]\naction =\n";
const GOOD =
  "[good]\nenabled = true\nfilter = sshd\nlogpath = {DIR}/auth.log\nbackend = polling\nmaxretry = 2\n";

function setUp(t: TestContext, files: Record<string, string>): Instance {
  const instance = new Instance({ flavor: "ours", tree: join(ROOT, "config"), files });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  return instance;
}

function client(instance: Instance, ...words: string[]) {
  return instance.run("fail2ban-client", "-c", instance.path("etc"), ...words);
}

/** The findings on standard error, without time, process number and folder. */
function findings(instance: Instance, stderr: string): string[] {
  return [...stderr.matchAll(/fail2ban\.configcheck +\[\d+\]: (\w+) +(.*)/g)].map(([, level, text]) =>
    `${level} ${text}`.replaceAll(instance.dir, "{DIR}"),
  );
}

test("-t tells everything that is wrong in one go; warnings count only with --strict", (t) => {
  const instance = setUp(t, {
    "jail.local": `${QUIET}${GOOD}maxretyr = 3\naction = mine\n`,
    "action.d/mine.conf": "[Definition]\nactionban = no-such-program <ip>\n",
    "filter.d/mine.conf": "no option\n",
  });
  const expected = [
    "WARNING {DIR}/etc/jail.local:9, [good] maxretyr: Unknown option 'maxretyr': did you mean 'maxretry'?",
    "WARNING {DIR}/etc/action.d/mine.conf:2, [Definition] actionban: Action 'mine' calls 'no-such-program', which is not on PATH",
    "WARNING {DIR}/etc/filter.d/mine.conf:1: File contains no section headers. file: '{DIR}/etc/filter.d/mine.conf', line: 1 'no option\\n'; expected a section such as [DEFAULT] before the first option",
  ];
  const lenient = client(instance, "-t");
  assert.deepEqual(findings(instance, lenient.stderr), expected);
  assert.equal(lenient.stdout, "OK: configuration test is successful\n");
  assert.equal(lenient.status, 0);
  const strict = client(instance, "-t", "--strict");
  assert.deepEqual(findings(instance, strict.stderr), expected);
  assert.equal(strict.stdout, "ERROR: test configuration failed\n");
  assert.equal(strict.status, 255);
  const json = client(instance, "-t", "--json");
  assert.equal(json.status, 0);
  const { ok, findings: list } = JSON.parse(json.stdout);
  assert.equal(ok, true);
  assert.deepEqual(list[0], {
    severity: "warning",
    message: "Unknown option 'maxretyr': did you mean 'maxretry'?",
    file: instance.path("etc/jail.local"),
    line: 9,
    section: "good",
    option: "maxretyr",
    value: "3",
  });
  assert.equal(list.length, expected.length);
  assert.equal(JSON.parse(client(instance, "-t", "--json", "--strict").stdout).ok, false);
});

test("-t goes on behind errors", (t) => {
  const instance = setUp(t, {
    "jail.local": `${QUIET}${GOOD}bantime = %(nothing)s\n[bad]\nenabled = true\nfilter = gone\n[bad]\nport = 1\n`,
  });
  const result = client(instance, "-t");
  assert.equal(result.status, 255);
  assert.equal(result.stdout, "ERROR: test configuration failed\n");
  const errors = findings(instance, result.stderr).filter((text) => text.startsWith("ERROR"));
  assert.deepEqual(
    errors.map((text) => /jail\.local:\d+, .*?(?=:)/.exec(text)?.[0]),
    ["jail.local:13, [bad]", "jail.local:9, [good] bantime", "jail.local:12, [bad] filter"],
  );
  assert.equal(JSON.parse(client(instance, "-t", "--json").stdout).ok, false);
});

test("the shipped configuration has nothing wrong", (t) => {
  const instance = setUp(t, { "jail.local": `${QUIET}${GOOD}` });
  const result = client(instance, "-t", "--strict");
  assert.deepEqual(findings(instance, result.stderr), []);
  assert.equal(result.status, 0);
});

test("explain shows values and where they come from", (t) => {
  const instance = setUp(t, {
    "jail.local": `${QUIET}${GOOD}failregex = %(known/failregex)s\n    ^mine <HOST>$\n`,
  });
  const result = client(instance, "explain", "good", "maxretry");
  assert.equal(result.status, 0);
  const [value, source, overridden] = result.stdout.replaceAll(instance.dir, "{DIR}").split("\n");
  assert.equal(value, "maxretry = 2");
  assert.equal(source, "    set by {DIR}/etc/jail.local:8 [good] 2");
  assert.match(overridden ?? "", /^ {4}overrides \{DIR\}\/etc\/jail\.conf:\d+ \[DEFAULT\] \d+$/);
  const regex = client(instance, "explain", "good", "failregex").stdout;
  assert.match(regex, /^ {8}\^mine <HOST>\$$/m);
  assert.match(regex, /^ {4}set by \S+jail\.local:9 \[good\] %\(known\/failregex\)s … \(2 lines\)$/m);
  assert.match(regex, /^ {4}overrides \S+filter\.d\/sshd\.conf:\d+ \[Definition\] /m);
  assert.match(client(instance, "explain", "good").stdout, /^logpath = .*auth\.log$/m);
  const unknown = client(instance, "explain", "nojail");
  assert.equal(unknown.status, 255);
  assert.match(unknown.stderr, /Failed during configuration: No section: 'nojail'/);
  assert.equal(client(instance, "explain").status, 255);
  assert.equal(client(instance, "explain", "good", "nooption").status, 255);
});

/** Bad input: what replaces `jail.local` or another file, and the line that must say where. */
const BAD: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly place: RegExp;
  readonly message: RegExp;
}[] = [
  {
    name: "an include loop",
    files: { "jail.local": "[INCLUDES]\nbefore = ./jail.local\n" },
    place: /jail\.local, \[INCLUDES\]; expected files that do not include each other/,
    message: /Include loop: /,
  },
  {
    name: "an interpolation loop",
    files: { "jail.local": `${QUIET}${GOOD}bantime = %(findtime)s\nfindtime = %(bantime)s\n` },
    place: /jail\.local:\d+, \[good\] (?:ban|find)time = .*; expected a value that does not lead back/,
    message: /Recursion limit exceeded in value substitution/,
  },
  {
    name: "a section twice",
    files: { "jail.local": `${GOOD}${GOOD}` },
    place: /jail\.local:7, \[good\]; expected each section once in a file/,
    message: /section 'good' already exists/,
  },
  {
    name: "a key without value",
    files: { "jail.local": `${GOOD}bantime\n` },
    place: /jail\.local:7: 'bantime'; expected name = value/,
    message: /Source contains parsing errors/,
  },
  {
    name: "a line that is no INI",
    files: { "jail.local": "{ json: true }\n" },
    place: /jail\.local:1: .*; expected a section/,
    message: /File contains no section headers/,
  },
  {
    name: "a NUL byte",
    files: { "jail.local": `${GOOD}\0\n` },
    place: /jail\.local:7: /,
    message: /Source contains parsing errors/,
  },
  {
    name: "10 MB of one value that refers to nothing",
    files: { "jail.local": `${GOOD}bantime = ${"x".repeat(10_000_000)}%(no)s\n` },
    place: /jail\.local:7, \[good\] bantime = 'x{80}…'; expected an option/,
    message: /Bad value substitution/,
  },
  {
    name: "a directory instead of a file",
    files: { "jail.local/x": "" },
    place: /etc\/jail\.local/,
    message: /Could not read config files: \S*jail\.local/,
  },
];

for (const { name, files, place, message } of BAD) {
  test(`bad input: ${name}`, (t) => {
    const instance = setUp(t, files);
    const dump = client(instance, "-d");
    assert.equal(dump.status, 255);
    assert.equal(dump.stdout, "ERROR: The configuration stream failed because of the invalid syntax.\n");
    const run = client(instance, "-t");
    assert.equal(run.status, 255);
    assert.equal(run.stdout, "ERROR: test configuration failed\n");
    for (const { stderr } of [dump, run]) {
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^ +at .*:\d+/m, "no stack trace");
    }
    assert.match(dump.stderr, place);
  });
}

test("bad input: no permission", (t) => {
  const instance = setUp(t, { "jail.local": GOOD });
  chmodSync(instance.path("etc/jail.local"), 0);
  chmodSync(instance.dir, 0o755);
  // Root may read everything.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const words = ["-c", instance.path("etc"), "-t"];
  const result = spawnSync(join(ROOT, "bin/fail2ban-client"), words, { ...user, cwd: "/", encoding: "utf8" });
  assert.equal(result.status, 255);
  assert.match(result.stderr, /Could not read config files: \S*jail\.local/);
  assert.match(result.stderr, /configcheck .*jail\.local: The file cannot be read \(EACCES\)/);
  assert.doesNotMatch(result.stderr, /^ +at .*:\d+/m, "no stack trace");
});

interface TimeCase {
  readonly in: string;
  readonly printed?: string;
  readonly out?: number;
  readonly error?: string;
  readonly accident?: boolean;
}

test("--str2sec prints what the reference prints", {
  skip: skipWithout("golden", "str2sec.json"),
}, async () => {
  const file = JSON.parse(readFileSync(shared("golden", "str2sec.json"), "utf8"));
  const cases: TimeCase[] = Array.isArray(file) ? file : file.cases;
  const environment = realEnvironment();
  for (const golden of cases) {
    let stdout = "";
    const ok = await runProgram("fail2ban-client", [`--str2sec=${golden.in}`], {
      ...environment,
      print: (text) => {
        stdout += text;
      },
      printError: () => {},
    });
    // What the reference accepts by accident is refused, or means the same.
    const isRefused = golden.error !== undefined || (golden.accident === true && !ok);
    assert.equal(ok, !isRefused, golden.in);
    if (isRefused) assert.match(stdout, /^ERROR: /, golden.in);
    else assert.equal(stdout, `${golden.printed ?? golden.out}\n`, golden.in);
  }
});

test("modules in action.d are actions: JavaScript and TypeScript", async (t) => {
  const module = (type: string) =>
    [
      'import { appendFileSync } from "node:fs";',
      "export class Action {",
      "  #options;",
      `  constructor(jail${type}, name${type}, options${type}) { this.#options = options; }`,
      "  start() {}",
      "  stop() {}",
      `  ban(info${type}) { appendFileSync(this.#options.file, this.#options.word + " " + info.id.text + "\\n"); }`,
      "  unban() {}",
      "}",
    ].join("\n");
  const instance = setUp(t, {
    "jail.local": `${GOOD}action = mine.js[file={DIR}/bans, word="js, too"]\n    other.ts[file={DIR}/bans, word=ts, actname=typed]\n`,
    "action.d/mine.js": module(""),
    "action.d/other.ts": module(": any"),
  });
  assert.equal(client(instance, "-t", "--strict").status, 0);
  instance.start();
  assert.match(instance.client("get", "good", "actions"), /mine, typed/);
  instance.client("set", "good", "banip", "192.0.2.7");
  await until(() => instance.read("bans").split("\n").length === 3, "both modules have heard of the ban");
  assert.deepEqual(instance.read("bans").trim().split("\n").toSorted(), [
    "js, too 192.0.2.7",
    "ts 192.0.2.7",
  ]);
});
