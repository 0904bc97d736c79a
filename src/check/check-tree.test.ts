import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryFiles } from "../config/memory-files.ts";
import { checkTree } from "./check-tree.ts";
import { describeFinding } from "./finding.ts";

type Tree = Readonly<Record<string, string | Uint8Array>>;

const FILES = {
  "/etc/fail2ban.conf": "[Definition]\n",
  "/etc/jail.conf":
    "[DEFAULT]\nbantime = 10m\nport = 1\n[j]\nfilter = f\nlogpath = /log/a\naction = a[port=%(port)s]\n",
  "/etc/jail.local": "[j]\nenabled = true\n",
  "/etc/filter.d/f.conf": "[Definition]\n_h = 1\nfailregex = ^<_h> <HOST>$\n",
  "/etc/action.d/a.conf": "[Definition]\nactionban = tool <ip>\n",
  "/log/a": "",
};

function found(files: Tree): string[] {
  const isThere = (program: string) => program === "tool";
  const findings = checkTree("/etc", { version: "1", isThere, files: memoryFiles(files) });
  return findings.map((finding) => `${finding.severity} ${describeFinding(finding)}`);
}

/** What is found beyond what the good tree gives, which is nothing. */
function check(changes: Tree, expected: readonly string[]): void {
  assert.deepEqual(found({ ...FILES, ...changes }), expected);
}

test("a good tree has nothing wrong", () => check({}, []));

test("unknown options, with the nearest known name", () => {
  check({ "/etc/jail.local": "[j]\nenabled = true\nmaxretyr = 3\nxyz = 1\n" }, [
    "warning /etc/jail.local:3, [j] maxretyr: Unknown option 'maxretyr': did you mean 'maxretry'?",
    "warning /etc/jail.local:4, [j] xyz: Unknown option 'xyz': nothing refers to it",
  ]);
  check({ "/etc/fail2ban.conf": "[DEFAULT]\nlogtraget = x\n[Definition]\n" }, [
    "warning /etc/fail2ban.conf:2, [DEFAULT] logtraget: Unknown option 'logtraget': did you mean 'logtarget'?",
  ]);
  check({ "/etc/action.d/a.conf": "[Definition]\nactionban = tool\nactionubnan = tool\n" }, [
    "warning /etc/action.d/a.conf:3, [Definition] actionubnan: Unknown option 'actionubnan': did you mean 'actionunban'?",
  ]);
});

test("options and parameters of a filter that nothing uses", () => {
  check(
    {
      "/etc/filter.d/f.conf":
        "[Definition]\nfailregexp = x\nre-a = 1\nfailregex = ^<re-<mode>><HOST>\nold = 2\n[Init]\nmode = a\n",
    },
    [
      "warning /etc/filter.d/f.conf:2, [Definition] failregexp: Nothing uses the option 'failregexp': did you mean 'failregex'?",
      "warning /etc/filter.d/f.conf:5, [Definition] old: Nothing uses the option 'old'",
    ],
  );
  check({ "/etc/jail.local": "[j]\nenabled = true\nfilter = f[_j=2]\n" }, [
    "warning /etc/jail.local:3, [j] filter: The filter 'f' does not use the parameter '_j': did you mean '_h'?",
  ]);
  check(
    {
      "/etc/filter.d/c.conf": "[Definition]\nunused = 1\n",
      "/etc/filter.d/f.local": "[INCLUDES]\nbefore = c.conf\n",
    },
    [],
  );
});

test("values that cannot be what was meant", () => {
  check(
    { "/etc/jail.local": "[j]\nenabled = true\nmaxretry = many\nbantime = 10 parsecs\nusedns = maybe\n" },
    [
      "warning /etc/jail.local:3, [j] maxretry: The value 'many' of 'maxretry' means nothing; expected a whole number",
      "warning /etc/jail.local:4, [j] bantime: The value '10 parsecs' of 'bantime' means nothing; expected a time such as 600, 10m or 1d 12h",
      "warning /etc/jail.local:5, [j] usedns: The value 'maybe' of 'usedns' means nothing; expected yes, warn, no or raw",
    ],
  );
});

test("every backend, with parameters where it has some", () => {
  const finding = (backend: string) =>
    found({ ...FILES, "/etc/jail.local": `[j]\nenabled = true\nbackend = ${backend}\n` }).filter((text) =>
      text.includes("backend"),
    );
  const good = ["auto", "polling", "pyinotify", "stdin", "systemd", "systemd[journalflags=1]"];
  for (const backend of [...good, "syslog", "syslog[listen=udp://127.0.0.1:5514]"])
    assert.deepEqual(finding(backend), [], backend);
  for (const wrong of ["inotify", "stdin[x=1]", "gamin"])
    assert.deepEqual(finding(wrong), [
      `warning /etc/jail.local:3, [j] backend: The value '${wrong}' of 'backend' means nothing; ` +
        "expected auto, pyinotify, polling, systemd, stdin or syslog[listen=…]",
    ]);
});

test("options beyond those of fail2ban: prefixes, numbers, true and false", () => {
  check(
    {
      "/etc/jail.local":
        "[j]\nenabled = true\nbanprefix = /64\naggregate = ipv4/24\nmaxbans = few\ndryrun = perhaps\n",
    },
    [
      "warning /etc/jail.local:6, [j] dryrun: The value 'perhaps' of 'dryrun' means nothing; expected true or false",
      "warning /etc/jail.local:5, [j] maxbans: The value 'few' of 'maxbans' means nothing; expected a whole number",
      "warning /etc/jail.local:3, [j] banprefix: The value '/64' of 'banprefix' means nothing; expected ipv4/LENGTH (8 to 31), ipv6/LENGTH (16 to 127), both, or none",
      "warning /etc/jail.local:4, [j] aggregate: The value 'ipv4/24' of 'aggregate' means nothing; expected ipv4/LENGTH:COUNT (8 to 31), ipv6/LENGTH:COUNT (16 to 127), both, or none; COUNT is 2 or more",
    ],
  );
  check(
    {
      "/etc/jail.local":
        "[j]\nenabled = true\nbanprefix = ipv6/64\naggregate = ipv4/24:8\nmaxbans = 10\ndryrun = no\nkerneltimeout = 1\nkillconnections = on\n",
    },
    [],
  );
  check({ "/etc/jail.local": "[j]\nenabled = true\nmaxban = 10\n" }, [
    "warning /etc/jail.local:3, [j] maxban: Unknown option 'maxban': did you mean 'maxbans'?",
  ]);
});

test("log paths that match nothing", () => {
  check({ "/etc/jail.local": "[j]\nenabled = true\nlogpath = /log/a\n  /log/none*\n  /log/a end\n" }, [
    "warning /etc/jail.local:3, [j] logpath: Log path '/log/none*' matches no file",
    "warning /etc/jail.local:3, [j] logpath: Log path '/log/a end' ends with 'end'; expected 'head' or 'tail' behind the blank",
  ]);
});

test("expressions that cannot be compiled, cannot match, or are dangerous; date patterns", () => {
  const regexes = ["^(<HOST>", "^foo", "x ^<HOST>", "^(\\w+\\s?)*<HOST>$"].join("\n  ");
  const place = "warning /etc/filter.d/f.conf:2, [Definition] failregex:";
  const [syntax, identifier, impossible, dangerous, date, ...others] = found({
    ...FILES,
    "/etc/filter.d/f.conf": `[Definition]\nfailregex = ${regexes}\ndatepattern = ^%%Y (%%m\n`,
  });
  assert.match(syntax ?? "", /Unable to compile regular expression .*: missing \)/);
  assert.equal(identifier, `${place} No failure-id group in '^foo'; write <HOST>, <ADDR> or <F-ID>`);
  assert.equal(impossible, `${place} No line can match 'x ^<HOST>'`);
  assert.match(dangerous ?? "", /^warning \S+f\.conf:2, .*can take the same text in many ways/);
  assert.match(date ?? "", /^warning \/etc\/filter\.d\/f\.conf:6, \[Definition\] datepattern: .* missing \)/);
  assert.deepEqual(others, []);
  const [ofJail] = found({ ...FILES, "/etc/jail.local": "[j]\nenabled = true\nignoreregex = (\n" });
  assert.match(ofJail ?? "", /^warning \/etc\/jail\.local:3, \[j\] ignoreregex: Unable to compile/);
});

test("programs of actions that are not there", () => {
  check(
    {
      "/etc/action.d/a.conf":
        "[Definition]\nactionstart = <fw> -N x || tool\nactionban = /no/tool <ip>\n[Init]\nfw = wall -w\n",
    },
    [
      "warning /etc/action.d/a.conf:2, [Definition] actionstart: Action 'a' calls 'wall', which is not on PATH",
      "warning /etc/action.d/a.conf:3, [Definition] actionban: Action 'a' calls '/no/tool', which is not there",
    ],
  );
});

test("jails that shadow each other", () => {
  check(
    {
      "/etc/jail.d/a.conf": "[j]\nbantime = 1\n",
      "/etc/jail.d/b.conf": "[j]\nbantime = 2\n[J]\nenabled = true\nfilter = f\nlogpath = /log/a\n",
    },
    [
      "warning /etc/jail.d/b.conf:2, [j] bantime: This shadows [j] bantime = '1' of /etc/jail.d/a.conf:2",
      "warning /etc/jail.d/b.conf:4, [J]: [J] is another jail than [j]: names of jails are case-sensitive",
      "warning /etc/jail.d/b.conf:4, [J]: Jail 'J' does what 'j' does: the same filter on the same logs",
    ],
  );
});

test("errors of all jails and all files in one go", () => {
  const findings = found({
    ...FILES,
    "/etc/jail.local":
      "[j]\nenabled = true\noops\nbantime = %(x)s\nfindtime = %(y)s\nbantime = 2\n[j]\n[k]\nenabled = true\nfilter = gone\n[l]\nenabled = 1\nlogpath = /log/none\nfilter = f\n",
    "/etc/filter.d/unused.conf": "x\n",
    "/etc/filter.d/binary.conf": Uint8Array.of(0xff),
  });
  const errors = findings.filter((finding) => finding.startsWith("error"));
  const places = errors.map((error) => /^error \S*?([^/\s]+:\d+)/.exec(error)?.[1]);
  assert.deepEqual(places, [
    "jail.local:6",
    "jail.local:7",
    "jail.local:3",
    "jail.local:5",
    "jail.local:10",
    "jail.local:13",
  ]);
  assert.match(
    errors[3] ?? "",
    /findtime: Bad value substitution: .*; expected an option of \[j\] or \[DEFAULT\]/,
  );
  assert.match(
    errors[4] ?? "",
    /Unable to read the filter 'gone'; expected a readable filter\.d\/gone\.conf/,
  );
  assert.match(errors[5] ?? "", /Have not found any log file for 'l' jail\.; expected files that exist/);
  assert(
    findings.includes(
      "warning /etc/filter.d/binary.conf: The file is not valid UTF-8; expected a readable text file in UTF-8",
    ),
  );
  assert(
    findings.some((text) =>
      /^warning \/etc\/filter\.d\/unused\.conf:1: File contains no section headers/.test(text),
    ),
  );
});

test("a folder that is not there, or in the place of a file", () => {
  assert.match(found({}).join("\n"), /^error \/etc: Base configuration directory \/etc does not exist/);
  const { "/etc/jail.local": _, ...others } = FILES;
  assert(
    found({ ...others, "/etc/jail.local/x": "" }).includes(
      "warning /etc/jail.local: A directory in the place of a file; expected a readable text file in UTF-8",
    ),
  );
});
