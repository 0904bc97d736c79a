import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { failedLogin, Instance, ROOT, until } from "./instance.ts";

/** What an administrator reads when something is wrong, and what goes on working all the same. */

const GOOD =
  "[good]\nenabled = true\nfilter = sshd\nlogpath = {DIR}/auth.log\nbackend = polling\nmaxretry = 2\n";
const QUIET = "[DEFAULT]\naction =\n";

function setUp(t: TestContext, files: Record<string, string>): Instance {
  const instance = new Instance({ flavor: "ours", tree: join(ROOT, "config"), files });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  return instance;
}

const check = (instance: Instance) => instance.run("fail2ban-client", "-c", instance.path("etc"), "-t");

test("-t accepts a good configuration", (t) => {
  const result = check(setUp(t, { "jail.local": QUIET + GOOD }));
  assert.equal(result.stdout, "OK: configuration test is successful\n");
  assert.equal(result.status, 0);
});

test("-t names filter and jail when a filter is missing", (t) => {
  const result = check(setUp(t, { "jail.local": `${QUIET}${GOOD}[bad]\nenabled = true\nfilter = nosuch\n` }));
  assert.equal(result.stdout, "ERROR: test configuration failed\n");
  assert.match(result.stderr, /Found no accessible config files for 'filter\.d\/nosuch'/);
  assert.match(result.stderr, /Unable to read the filter 'nosuch'/);
  assert.match(result.stderr, /Errors in jail 'bad'\./);
  assert.equal(result.status, 255);
});

test("-t names jail and log when a log does not exist", (t) => {
  const jail = "[bad]\nenabled = true\nfilter = sshd\nbackend = polling\nlogpath = /nonexistent/x.log\n";
  const result = check(setUp(t, { "jail.local": QUIET + jail }));
  assert.match(result.stderr, /\/nonexistent\/x\.log/);
  assert.match(result.stderr, /Have not found any log file for 'bad' jail/);
  assert.equal(result.status, 255);
});

test("-t names option and value of a wrong number", (t) => {
  const result = check(
    setUp(t, { "jail.local": `${QUIET}${GOOD}maxretry = many\n`.replace("maxretry = 2\n", "") }),
  );
  assert.match(
    result.stderr,
    /jail\.local:\d+, \[good\] maxretry: The value 'many' .*; expected a whole number/,
  );
});

test("-t names file, option and place of a regex that does not compile, and exits as the reference does", (t) => {
  const instance = setUp(t, {
    "jail.local": `${QUIET}${GOOD}[bad]\nenabled = true\nfilter = bad\nlogpath = {DIR}/auth.log\n`,
    "filter.d/bad.conf": "[Definition]\nfailregex = ^ ( <HOST>\n",
  });
  const result = check(instance);
  assert.equal(result.status, 0);
  assert.match(
    result.stderr,
    /filter\.d\/bad\.conf:2, \[Definition\] failregex: Unable to compile .* unterminated subpattern at position 2/,
  );
});

test("an include loop ends, and a line that is no option is named with file and line", (t) => {
  const loop = setUp(t, {
    "jail.local": `[INCLUDES]\nbefore = loop.conf\n${QUIET}${GOOD}`,
    "loop.conf": "[INCLUDES]\nbefore = jail.local\n[nosection]\nx = 1\n",
  });
  assert.equal(check(loop).status, 0);
  const broken = setUp(t, { "jail.local": `${QUIET}${GOOD}this is no option\n` });
  const result = check(broken);
  assert.equal(result.status, 255);
  assert.match(result.stderr, /jail\.local/);
  assert.match(result.stderr, /this is no option/);
  assert.doesNotMatch(result.stderr, /at .*\.ts:\d+/, "no stack trace");
});

test("a bad regex at start leaves the good jails running and is named", async (t) => {
  const instance = setUp(t, {
    "jail.local": `${QUIET}${GOOD}[bad]\nenabled = true\nfilter = bad\nlogpath = {DIR}/auth.log\nbackend = polling\n`,
    "filter.d/bad.conf": "[Definition]\nfailregex = ^ ( <HOST>\n",
  });
  const result = instance.run("fail2ban-server", "-c", instance.path("etc"), "-b", "start");
  assert.equal(result.status, 255);
  assert.match(result.stderr, /Unable to compile regular expression/);
  assert.match(instance.client("status"), /Jail list:\tgood\n/);
  assert.match(instance.read("fail2ban.log"), /ERROR {3}Jail 'bad' is not started, .*Unable to compile/);
  instance.append("auth.log", failedLogin("192.0.2.7").repeat(2));
  await until(() => instance.client("get", "good", "banip").includes("192.0.2.7"), "the good jail bans");
});

test("a reload with a bad jail loses neither jails nor bans", (t) => {
  const second = "[second]\nenabled = true\nfilter = mine\nlogpath = {DIR}/auth.log\nbackend = polling\n";
  const instance = setUp(t, {
    "jail.local": QUIET + GOOD + second,
    "filter.d/mine.conf": "[Definition]\nfailregex = ^ mine <HOST>$\n",
  });
  instance.start();
  instance.client("set", "good", "banip", "192.0.2.7");
  instance.client("set", "second", "banip", "192.0.2.8");
  instance.write("etc/filter.d/mine.conf", "[Definition]\nfailregex = ^ ( <HOST>\n");
  const reload = instance.run("fail2ban-client", "-c", instance.path("etc"), "reload");
  assert.equal(reload.status, 255);
  assert.match(reload.stdout, /Unable to compile regular expression/);
  assert.equal(instance.client("banned"), "[{'good': ['192.0.2.7']}, {'second': ['192.0.2.8']}]\n");
  instance.write("etc/jail.local", "[good\nenabled = true\n= 1\n");
  const unreadable = instance.run("fail2ban-client", "-c", instance.path("etc"), "reload");
  assert.equal(unreadable.status, 255);
  assert.equal(instance.client("banned"), "[{'good': ['192.0.2.7']}, {'second': ['192.0.2.8']}]\n");
});

test("a jail that spoils the configuration of the reference is left out, named at start and in status", (t) => {
  const instance = setUp(t, {
    "jail.local": `${QUIET}${GOOD}[nolog]\nenabled = true\nfilter = sshd\nbackend = polling\nlogpath = /nonexistent/x.log\n[broken]\nenabled = true\nfilter = sshd\nbantime = %(nothing)s\n`,
  });
  const started = instance.run("fail2ban-server", "-c", instance.path("etc"), "-b", "start");
  assert.equal(started.status, 255);
  assert.equal(started.stdout, "Server ready\n");
  assert.match(
    started.stderr,
    /configcheck .* \S+jail\.local:13, \[nolog\] logpath = '\/nonexistent\/x\.log'; /,
  );
  assert.match(
    started.stderr,
    /configcheck .* \S+jail\.local:17, \[broken\] bantime = '%\(nothing\)s'; expected /,
  );
  assert.match(instance.read("fail2ban.log"), /ERROR {3}Jail 'broken' cannot be configured: Bad value sub/);
  const status = instance.run("fail2ban-client", "-c", instance.path("etc"), "status");
  assert.equal(status.stdout, "Status\n|- Number of jail:\t1\n`- Jail list:\tgood\n");
  assert.match(status.stderr, /configcheck .* Jail 'nolog': cannot be configured: Have not found/);
  assert.match(instance.client("problems"), /^nolog: .*\nbroken: .*\n$/);
  instance.write("etc/jail.local", QUIET + GOOD);
  assert.equal(instance.client("reload"), "OK\n");
  assert.equal(instance.client("problems"), "No problems\n");
});

test("a reload with such a jail leaves a running jail of that name as it is", (t) => {
  const instance = setUp(t, { "jail.local": `${QUIET}${GOOD}${GOOD.replace("good", "other")}` });
  instance.start();
  instance.client("set", "other", "banip", "192.0.2.8");
  instance.write("etc/jail.d/x.local", "[other]\nbantime = %(nothing)s\n[good]\nmaxretry = 7\n");
  const reload = instance.run("fail2ban-client", "-c", instance.path("etc"), "reload");
  assert.equal(reload.stdout, "OK\n");
  assert.equal(reload.status, 255);
  assert.equal(instance.client("banned"), "[{'good': []}, {'other': ['192.0.2.8']}]\n");
  assert.equal(instance.client("get", "good", "maxretry"), "7\n");
  assert.match(instance.client("problems"), /^other: /);
});
