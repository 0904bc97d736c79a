import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { until } from "./instance.ts";

const BIN = resolve(import.meta.dirname, "../bin");
const dir = mkdtempSync(join(tmpdir(), "f2b-process-"));
const children = new Set<ChildProcess>();
after(() => {
  // A test that failed left its server running: nobody waits for that.
  for (const child of children) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

/** A configuration with one jail, whose server keeps everything in one folder. */
class Home {
  readonly path: string;
  constructor(name: string) {
    this.path = join(dir, name);
    mkdirSync(join(this.path, "etc/filter.d"), { recursive: true });
    this.write(
      "etc/fail2ban.conf",
      `[Definition]\nlogtarget = ${this.path}/f2b.log\nsocket = ${this.path}/f2b.sock\n` +
        `pidfile = ${this.path}/f2b.pid\ndbfile = None\n`,
    );
    this.write(
      "etc/jail.conf",
      `[one]\nenabled = true\nfilter = one\nbackend = polling\nlogpath = ${this.path}/one.log\n`,
    );
    this.write("etc/filter.d/one.conf", "[Definition]\nfailregex = ^hit <ADDR>$\n");
    this.write("one.log", "");
  }
  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }
  read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }
  has(file: string): boolean {
    return existsSync(join(this.path, file));
  }
  run(program: string, ...args: string[]): Promise<{ stdout: string; stderr: string; exit: number }> {
    return new Promise((done) => {
      execFile(
        join(BIN, program),
        ["-c", join(this.path, "etc"), ...args],
        { cwd: "/" },
        (error, stdout, stderr) => {
          done({ stdout, stderr, exit: error ? Number(error.code ?? -1) : 0 });
        },
      );
    });
  }
  /** Starts a server in the foreground and waits until it is configured. */
  async serve(...args: string[]): Promise<{ child: ChildProcess; exit: Promise<number | null> }> {
    const child = spawn(join(BIN, "fail2ban-server"), ["-c", join(this.path, "etc"), "-f", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    const exit = new Promise<number | null>((done) => child.on("exit", done));
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      assert.equal(String(chunk), "Server ready\n");
      break;
    }
    return { child, exit };
  }
  /** Waits until the log has a line that matches. */
  async logged(pattern: RegExp): Promise<void> {
    const isThere = () => this.has("f2b.log") && pattern.test(this.read("f2b.log"));
    await until(isThere, `${pattern} is in the log`).catch((error: Error) => {
      assert.fail(`${error.message}:\n${this.read("f2b.log")}`);
    });
  }
}

test("in the background: detached, private, removed at the end", async () => {
  const home = new Home("background");
  const started = await home.run("fail2ban-server", "-v", "start");
  // On a busy machine a bar moves before that.
  assert.match(started.stdout, /^(?:\r[^\r\n]*)*\r? *Server ready\n$/);
  assert.equal(started.exit, 0);
  const pid = Number(home.read("f2b.pid"));
  assert.ok(pid > 0);
  for (const file of ["f2b.sock", "f2b.pid", "f2b.log"]) {
    assert.equal(statSync(join(home.path, file)).mode & 0o077, 0, file);
  }
  if (process.platform === "linux") {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    assert.match(stat, /^\d+ \(fail2ban-server\)/);
    const [, , , session] = stat.slice(stat.indexOf(")") + 2).split(" ");
    assert.equal(Number(session), pid);
  }
  assert.equal(
    (await home.run("fail2ban-client", "status")).stdout,
    "Status\n|- Number of jail:\t1\n`- Jail list:\tone\n",
  );
  const again = await home.run("fail2ban-client", "start");
  assert.match(again.stderr, /ERROR {3}Server already running/);
  assert.equal(again.exit, 255);
  assert.equal((await home.run("fail2ban-client", "restart")).stdout, "Shutdown successful\nServer ready\n");
  assert.notEqual(Number(home.read("f2b.pid")), pid);
  assert.equal((await home.run("fail2ban-client", "stop")).exit, 0);
  await home.logged(/Exiting Fail2ban(?!.*Starting)/s);
  assert.equal(home.has("f2b.sock"), false);
});

test("a killed server leaves its socket: only -x starts another one in its place", async () => {
  const home = new Home("killed");
  const { child, exit } = await home.serve();
  child.kill("SIGKILL");
  await exit;
  assert.deepEqual([home.has("f2b.sock"), home.has("f2b.pid")], [true, true]);
  const refused = await home.run("fail2ban-client", "ping");
  assert.match(refused.stderr, /\[Errno 111\] Connection refused/);
  const again = await home.run("fail2ban-client", "start");
  assert.match(again.stderr, /unexpected state \(not running but the socket exists\)/);
  assert.equal(again.exit, 255);
  const forced = await home.run("fail2ban-client", "-x", "--timeout", "20s", "start");
  assert.deepEqual([forced.stdout, forced.exit], ["Server ready\n", 0]);
  assert.notEqual(Number(home.read("f2b.pid")), child.pid);
  assert.equal((await home.run("fail2ban-client", "stop")).exit, 0);
});

test("in the foreground: signals", async () => {
  const home = new Home("foreground");
  const { child, exit } = await home.serve();
  child.kill("SIGUSR1");
  await home.logged(/rollover performed on/);
  home.write(
    "etc/jail.local",
    `[two]\nenabled = true\nfilter = one\nbackend = polling\nlogpath = ${home.path}/one.log\n`,
  );
  child.kill("SIGHUP");
  await home.logged(/Jail 'two' started/);
  assert.match((await home.run("fail2ban-client", "status")).stdout, /Jail list:\tone, two/);
  child.kill("SIGTERM");
  assert.equal(await exit, 0);
  assert.deepEqual([home.has("f2b.sock"), home.has("f2b.pid")], [false, false]);
  assert.match(home.read("f2b.log"), /Exiting Fail2ban\n$/);
});

test("SIGHUP reads all of the configuration anew, options of the server included", async () => {
  const home = new Home("reload");
  const { child, exit } = await home.serve();
  const level = async () => (await home.run("fail2ban-client", "get", "loglevel")).stdout;
  const change = (to: string) => home.write("etc/fail2ban.local", `[Definition]\nloglevel = ${to}\n`);
  assert.match(await level(), /INFO/);
  change("DEBUG");
  child.kill("SIGHUP");
  await home.logged(/Reload finished/);
  assert.match(await level(), /DEBUG/);
  child.kill("SIGTERM");
  assert.equal(await exit, 0);

  assert.equal((await home.run("fail2ban-client", "start")).exit, 0);
  const pid = Number(home.read("f2b.pid"));
  change("INFO");
  process.kill(pid, "SIGHUP");
  await home.logged(/Reload finished.*Reload finished/s);
  assert.match(await level(), /INFO/);
  assert.equal((await home.run("fail2ban-client", "stop")).exit, 0);
});

test("in the foreground: a configuration that the server refuses", async () => {
  const home = new Home("refused");
  home.write("etc/filter.d/one.conf", "[Definition]\nfailregex = ^hit (<ADDR>$\n");
  const { stdout, stderr, exit } = await home.run("fail2ban-server", "-f", "start");
  assert.equal(stdout, "");
  assert.match(stderr, /NOK: \(.*Unable to compile regular expression/);
  assert.equal(exit, 255);
  assert.equal(home.has("f2b.sock"), false);
});

test("in the background: a server that cannot start says why", async () => {
  const home = new Home("unable");
  const { stdout, stderr, exit } = await home.run(
    "fail2ban-client",
    "--logtarget",
    "/no/such/dir/x.log",
    "start",
  );
  assert.equal(stdout, "");
  assert.match(stderr, /Unable to log to '\/no\/such\/dir\/x\.log'/);
  assert.match(stderr, /Could not start server/);
  assert.equal(exit, 255);
});

test("--timeout: who starts a server, or asks one that hangs, waits no longer", async (t) => {
  const home = new Home("slow");
  // A server whose log is a pipe that nobody reads never comes up.
  spawnSync("mkfifo", [join(home.path, "pipe")]);
  const stuck = await home.run(
    "fail2ban-client",
    "--logtarget",
    `${home.path}/pipe`,
    "--timeout",
    "1s",
    "start",
  );
  assert.match(stuck.stderr, /Could not start server/);
  assert.deepEqual([stuck.stdout, stuck.exit, home.has("f2b.sock")], ["", 255, false]);

  const { child, exit } = await home.serve();
  t.after(() => child.kill("SIGKILL"));
  child.kill("SIGSTOP");
  const ping = await home.run("fail2ban-client", "ping", "0.3");
  assert.match(ping.stderr, /timed out/);
  assert.equal(ping.exit, 255);
  const again = await home.run("fail2ban-client", "--timeout", "1s", "start");
  assert.match(again.stderr, /Server already running/, "one that hangs is not taken for none");
  child.kill("SIGCONT");
  assert.equal((await home.run("fail2ban-client", "ping")).stdout, "Server replied: pong\n");
  assert.equal((await home.run("fail2ban-client", "stop")).exit, 0);
  assert.equal(await exit, 0);
});

test("a server that takes long to stop serves nobody meanwhile, and no other one is started beside it", async () => {
  const home = new Home("stopping");
  mkdirSync(join(home.path, "etc/action.d"));
  home.write(
    "etc/action.d/slow.conf",
    `[Definition]\nactionstart = true\nactionstop = touch ${home.path}/stopping; while [ ! -e ${home.path}/go ]; do sleep 0.05; done\n`,
  );
  home.write("etc/jail.local", "[one]\naction = slow\n");
  const { exit } = await home.serve();
  const stop = home.run("fail2ban-client", "stop");
  await until(() => home.has("stopping"), "the action is being stopped");
  const status = await home.run("fail2ban-client", "status");
  assert.deepEqual([status.stdout, status.exit], ["", 255], "nobody is served any more");
  const early = await home.run("fail2ban-client", "--timeout", "1s", "start");
  assert.match(early.stderr, /Server already running/);
  assert.equal(early.exit, 255);
  home.write("go", "");
  assert.equal((await stop).stdout, "Shutdown successful\n");
  assert.equal(await exit, 0);
});

const python = spawnSync("python3", ["-c", ""]).status === 0;

test("with a socket from a service manager", { skip: python ? false : "needs python3" }, async () => {
  const home = new Home("activated");
  const script = `import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])`;
  const server = [join(BIN, "fail2ban-server"), "-c", join(home.path, "etc"), "-f", "start"];
  const child = spawn("python3", ["-c", script, join(home.path, "f2b.sock"), ...server], { stdio: "ignore" });
  const exit = new Promise((done) => child.on("exit", done));
  await home.logged(/Using socket activation, inherited socket/);
  assert.equal((await home.run("fail2ban-client", "ping")).stdout, "Server replied: pong\n");
  child.kill("SIGTERM");
  assert.equal(await exit, 0);
  assert.equal(home.has("f2b.sock"), true);
});

test("memory is allocated in one place, which is nothing to the programs that a server runs", async (t) => {
  if (process.platform !== "linux") return t.skip("only Linux shows the environment of a process");
  const home = new Home("allocation");
  const told = async (pid: number) => {
    await home.run("fail2ban-client", "set", "one", "addaction", "env");
    rmSync(join(home.path, "env"), { force: true });
    const command = `env > ${home.path}/env.new && mv ${home.path}/env.new ${home.path}/env`;
    await home.run("fail2ban-client", "set", "one", "action", "env", "actionban", command);
    await home.run("fail2ban-client", "set", "one", "banip", "192.0.2.1");
    // Nobody waits for an action that lifts no bans.
    await until(() => home.has("env"), "the command has run");
    const environments = [readFileSync(`/proc/${pid}/environ`, "utf8"), home.read("env")];
    return environments.map((text) => /MALLOC_ARENA_MAX=(\w*)/.exec(text)?.[1]);
  };
  const { child, exit } = await home.serve();
  assert.deepEqual(await told(Number(home.read("f2b.pid"))), ["1", undefined]);
  child.kill("SIGTERM");
  await exit;
  for (const program of ["fail2ban-client", "fail2ban-server"]) {
    assert.equal((await home.run(program, "start")).exit, 0);
    assert.deepEqual(await told(Number(home.read("f2b.pid"))), ["1", undefined], program);
    assert.equal((await home.run("fail2ban-client", "stop")).exit, 0);
  }
});

test("launchers work through links, and words that are no UTF-8 come back", async () => {
  const home = new Home("links");
  symlinkSync(join(BIN, "fail2ban-client"), join(home.path, "f2b"));
  symlinkSync("f2b", join(home.path, "link"));
  const version = await new Promise<string>((done) => {
    execFile(join(home.path, "link"), ["-V"], (_error, stdout) => done(stdout));
  });
  assert.equal(version, "1.1.2.1\n");
  const { child, exit } = await home.serve();
  const word = await new Promise<string>((done) => {
    const script = `exec "$0" -c "$1" echo "$(printf 'a\\377b')"`;
    const args = ["-c", script, join(BIN, "fail2ban-client"), join(home.path, "etc")];
    execFile("sh", [...args], { encoding: "latin1" }, (_error, stdout) => done(stdout));
  });
  child.kill("SIGINT");
  assert.equal(await exit, 0);
  if (process.platform === "linux") assert.equal(word, "a\xffb\n");
});
