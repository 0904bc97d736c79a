import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { skipWithoutJournal, TestJournal } from "../source/journal-testing.ts";
import { runTester } from "./testing.ts";

process.env["TZ"] = "UTC";

const REGEX = "^\\s*\\S+ sshd\\[\\d+\\]: Failed password for <F-USER>\\S+</F-USER> from <HOST>";
/** 2025-11-21 09:40:00 UTC, in microseconds. */
const BEGIN = 1_763_718_000_000_000;

interface Written {
  readonly unit?: string;
  readonly message: string;
  readonly micro?: number;
}

const WRITTEN: readonly Written[] = [
  { message: "Failed password for root from 192.0.2.1 port 1 ssh2" },
  { message: "Failed password for root from 192.0.2.2 port 1 ssh2", unit: "other.service" },
  { message: "something\nelse from 192.0.2.3", micro: 0 },
  { message: "Failed password for bob from 192.0.2.4 port 1 ssh2" },
  { message: "# not a comment" },
  { message: "" },
];

describe("reading a journal", { skip: skipWithoutJournal() }, () => {
  const folder = mkdtempSync(join(tmpdir(), "fail2ban-regex-journal-"));
  const journal = `systemd-journal[journalpath=${folder}]`;
  after(() => rmSync(folder, { recursive: true }));
  before(() => {
    mkdirSync(join(folder, "filter.d"));
    const texts = "of_file = file\nof_journal = ^\\s*\\S+ sshd\\S+\n";
    const filter = `[Definition]\n${texts}failregex = <of_<logtype>> Failed password for \\S+ from <HOST>\n`;
    writeFileSync(
      join(folder, "filter.d/door.conf"),
      `${filter}journalmatch = _SYSTEMD_UNIT=sshd.service + _COMM=sshd\n   _SYSTEMD_UNIT=other.service\n[Init]\nlogtype = file\n`,
    );
    new TestJournal(folder).write(
      WRITTEN.map(({ unit, message, micro }, i) => ({
        time: BEGIN + (i + 1) * 1_000_000 + (micro ?? 123_456),
        fields: {
          _HOSTNAME: "host",
          SYSLOG_IDENTIFIER: "sshd",
          _PID: String(101 + i),
          _SYSTEMD_UNIT: unit ?? "sshd.service",
          MESSAGE: message,
        },
      })),
    );
  });

  test("the report is that of the reference", async () => {
    const { out, code } = await runTester([journal, REGEX, "-v"]);
    assert.equal(code, 0);
    assert.equal(out.replace(/in \d+\.\d\d sec/, "in 0.00 sec"), EXPECTED);
  });

  test("matches of the command line choose entries", async () => {
    const { out } = await runTester(["-o", "id", "-m", "_SYSTEMD_UNIT=sshd.service", journal, REGEX]);
    assert.equal(out, "192.0.2.1\n192.0.2.4\n");
    const either = "_SYSTEMD_UNIT=sshd.service _PID=104 + _SYSTEMD_UNIT=other.service";
    const report = await runTester(["-m", either, journal, REGEX]);
    assert.match(report.out, new RegExp(`^Use    journal match : ${RegExp.escape(either)}$`, "m"));
    assert.match(report.out, /^Lines: 2 lines, 0 ignored, 2 matched, 0 missed$/m);
  });

  test("times are those of the entries, exact to the microsecond", async () => {
    const { out } = await runTester(["-o", "row", "-m", "_PID=103 + _PID=104", journal, REGEX]);
    const groups = "{'user': 'bob', 'ip4': '192.0.2.4', 'ip6': None, 'dns': None}";
    assert.equal(out, `['192.0.2.4',\t1763718004.123456,\t${groups}],\n`);
  });

  test("a filter knows that it is to read a journal, and brings its matches", async () => {
    const { out } = await runTester(["-c", folder, journal, "door"]);
    assert.match(
      out,
      /^Use {4}journal match : _SYSTEMD_UNIT=sshd.service \+ _COMM=sshd \+ _SYSTEMD_UNIT=other.service$/m,
    );
    assert.match(out, /^Lines: 6 lines, 0 ignored, 3 matched, 3 missed$/m);
    assert.doesNotMatch(out, /Date template hits/);
  });

  test("a journal that is not there is an error with its reason", async () => {
    const { out, code } = await runTester([`systemd-journal[journalpath=${folder}/none]`, REGEX]);
    assert.equal(code, 255);
    assert.match(out, /^ERROR: Unable to read the journal: journalctl ended with code 1: .*No such file/m);
  });
});

test("options and matches that cannot be used are named", async () => {
  const complaint = async (...argv: string[]) => {
    const { out, code } = await runTester([...argv, REGEX], { journalctl: () => () => {} });
    assert.equal(code, 255);
    return out.trimEnd().split("\n").at(-1);
  };
  assert.equal(
    await complaint("systemd-journal[journalflags=x]"),
    "ERROR: systemd-journal[journalflags=x]: journalflags must be a sum of 1, 2, 4 and 8, not 'x'",
  );
  assert.match(
    (await complaint("systemd-journal[colour=red]")) ?? "",
    /takes no option 'colour', only journalpath/,
  );
  assert.match(
    (await complaint("systemd-journal[journalpath")) ?? "",
    /ERROR: systemd-journal\[journalpath: /,
  );
  assert.equal(
    await complaint("-m", "--file=/etc/passwd", "systemd-journal"),
    "ERROR: journalmatch --file=/etc/passwd: expected words FIELD=value, alternatives separated by +",
  );
  assert.match(
    (await complaint("-m", "'A=1", "systemd-journal")) ?? "",
    /journalmatch 'A=1: No closing quotation/,
  );
});

test("what journalctl says when it fails is handed on", async () => {
  const { out, code } = await runTester(["systemd-journal", REGEX], {
    journalctl: (_, { onEnd }) => {
      queueMicrotask(() => onEnd("journalctl is not installed"));
      return () => {};
    },
  });
  assert.equal(code, 255);
  assert.match(out, /ERROR: Unable to read the journal: journalctl is not installed\n$/);
});

const EXPECTED = `
Running tests
=============

Use   failregex line : ^\\s*\\S+ sshd\\[\\d+\\]: Failed password for <F-USER>\\...
Use         systemd journal
Use         encoding : UTF-8


Results
=======

Failregex: 3 total
|-  #) [# of hits] regular expression
|   1) [3] ${REGEX}
|      192.0.2.1  Fri Nov 21 09:40:01 2025
|      192.0.2.2  Fri Nov 21 09:40:02 2025
|      192.0.2.4  Fri Nov 21 09:40:04 2025
\`-

Ignoreregex: 0 total

Lines: 6 lines, 0 ignored, 3 matched, 3 missed
[processed in 0.00 sec]

|- Missed line(s):
|  2025-11-21T09:40:03+00:00 host sshd[103]: something\\nelse from 192.0.2.3
|  2025-11-21T09:40:05.123456+00:00 host sshd[105]: # not a comment
|  2025-11-21T09:40:06.123456+00:00 host sshd[106]:
\`-
`;
