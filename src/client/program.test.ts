import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { after, test } from "node:test";
import type { Finding } from "../check/finding.ts";
import { ConfigError } from "../config/config-error.ts";
import { ControlSocket } from "../control/server-socket.ts";
import { LogHub } from "../log/logger.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { systemClock } from "../time/clock.ts";
import type { BackgroundServer, ServerLauncher } from "./context.ts";
import { type ProgramEnvironment, runProgram } from "./program.ts";

const dir = mkdtempSync(join(tmpdir(), "f2b-client-"));
after(() => rmSync(dir, { recursive: true, force: true }));
let runs = 0;
/** Server processes that were ended because they did not come up in time. */
let killed = 0;

/** A server that answers as the test says, and launchers that bring it up. */
class World {
  readonly socket = join(dir, `${++runs}.sock`);
  readonly commands: PyValue[][] = [];
  answer: (command: PyValue[]) => PyValue = (command) =>
    command[0] === "server-status" ? "Server ready" : null;
  stream: PyValue[][] = [["add", "sshd", "auto"]];
  configOk = true;
  configFaulty = false;
  extensions: PyValue[][] = [];
  findings: Finding[] = [];
  configError: Error | null = null;
  stdout = "";
  stderr = "";
  #server: ControlSocket | null = null;

  async up(): Promise<void> {
    const log = new LogHub(() => {}).logger("asyncserver");
    const handler = async (command: PyValue[]) => {
      if (command[0] !== "ping") this.commands.push(command);
      if (command[0] === "stop") void this.down();
      return this.answer(command);
    };
    this.#server = new ControlSocket({ path: this.socket, handler, clock: systemClock, log, force: true });
    await this.#server.listen();
  }

  async down(): Promise<void> {
    await this.#server?.close();
  }

  async run(
    program: string,
    args: string[],
    input = "",
    launcher: Partial<ServerLauncher> = {},
  ): Promise<number> {
    this.stdout = "";
    this.stderr = "";
    const environment: ProgramEnvironment = {
      clock: systemClock,
      print: (text) => {
        this.stdout += text;
      },
      printError: (text) => {
        this.stderr += text.replace(/^\S+ \S+ (\S+) +\[\d+\]: (\w+) +/, "$1 $2: ");
      },
      utf8: true,
      inheritsSocket: false,
      input: { input: Readable.from([input]), output: new Writable() },
      loadReader: async () => ({
        settings: () => ({
          socket: this.socket,
          pidfile: "",
          loglevel: "INFO",
          logtarget: "x",
          syslogsocket: "auto",
        }),
        commands: async (_base, { jail }) => {
          if (this.configError) throw this.configError;
          if (jail !== undefined && jail !== "sshd") throw new ConfigError(`No section: '${jail}'`);
          return {
            ok: this.configOk,
            faulty: this.configFaulty,
            commands: this.stream,
            extensions: this.extensions,
          };
        },
        dump: async (commands, pretty) => `${pretty ? "pretty" : "plain"} ${commands.length}\n`,
      }),
      loadDuration: async () => (text) => ({ seconds: Number(text), isFloat: text.includes(".") }),
      loadInspector: async () => ({ check: () => this.findings, explain: () => [] }),
      launcher: {
        inBackground: () => background(() => this.up()),
        inForeground: () => Promise.reject(new Error("not here")),
        serve: () => Promise.resolve(true),
        ...launcher,
      },
    };
    return (await runProgram(program, args, environment)) ? 0 : 255;
  }
}

/** A server process that serves when `up` is done. */
function background(up: () => Promise<void>): BackgroundServer {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = {
    serves: false,
    ended: null,
    settled: promise,
    release() {},
    kill() {
      killed++;
    },
    async begin() {
      await up();
      server.serves = true;
      resolve();
    },
  };
  return server;
}

test("start: server and configuration", async () => {
  const world = new World();
  assert.equal(await world.run("fail2ban-client", ["start"]), 0);
  assert.equal(world.stdout, "Server ready\n");
  assert.equal(world.stderr, "");
  assert.deepEqual(world.commands, [["server-stream", [["add", "sshd", "auto"]]], ["server-status"]]);
  assert.equal(await world.run("fail2ban-client", ["start"]), 255);
  assert.equal(world.stderr, "fail2ban ERROR: Server already running\n");
  assert.equal(await world.run("fail2ban-server", []), 255);
  assert.equal(
    world.stderr,
    "fail2ban ERROR: Server already running\nfail2ban ERROR: Async configuration of server failed\n",
  );
  assert.equal(await world.run("fail2ban-server", ["stop"]), 0);
  assert.equal(world.stdout, "Shutdown successful\n");
});

test("start: a refused configuration stops the server again", async () => {
  const world = new World();
  world.answer = (command) => {
    if (command[0] === "server-stream") throw new PyError("builtins", "ValueError", ["wrong"]);
    return null;
  };
  assert.equal(await world.run("fail2ban-client", ["start"]), 255);
  assert.equal(world.stdout, "");
  assert.match(world.stderr, /NOK: \('wrong',\)\n.*Could not configure server, it is stopped/);
  assert.deepEqual(
    world.commands.map((command) => command[0]),
    ["server-stream", "banned", "stop"],
  );
});

test("start: a server that goes on with some of its jails is not stopped", async () => {
  const world = new World();
  world.answer = (command) => {
    if (command[0] === "server-stream") throw new PyError("builtins", "ValueError", ["wrong"]);
    return command[0] === "banned" ? [new Map([["good", []]])] : "Server ready";
  };
  assert.equal(await world.run("fail2ban-client", ["start"]), 255);
  assert.equal(world.stdout, "Server ready\n");
  assert.match(world.stderr, /NOK: \('wrong',\)\n.*the server protects with the others/);
  assert.deepEqual(
    world.commands.map((command) => command[0]),
    ["server-stream", "banned", "server-status"],
  );
  await world.down();
});

test("start: a server that dies or stays silent", async () => {
  const world = new World();
  const dead = {
    inBackground: () => ({ ...background(async () => {}), ended: "no such library\n" }),
  };
  assert.equal(await world.run("fail2ban-client", ["start"], "", dead), 255);
  assert.match(
    world.stderr,
    /ERROR: Failed to start server: no such library\nfail2ban ERROR: Could not start server\./,
  );
  assert.equal(killed, 0);
  const silent = { inBackground: () => background(() => new Promise(() => {})) };
  assert.equal(await world.run("fail2ban-client", ["--timeout", "0", "start"], "", silent), 255);
  assert.match(world.stderr, /Could not start server\. Maybe an old socket file is still present/);
  assert.equal(killed, 1);
});

test("start: unusable configuration, taken socket", async () => {
  const world = new World();
  world.configOk = false;
  assert.equal(await world.run("fail2ban-client", ["start"]), 255);
  world.configOk = true;
  world.configError = new ConfigError("broken", { file: "/etc/x", line: 3 });
  assert.equal(await world.run("fail2ban-client", ["start"]), 255);
  assert.equal(
    world.stderr,
    "fail2ban ERROR: Failed during configuration: broken\nfail2ban.configcheck ERROR: /etc/x:3\n",
  );
  world.configError = null;
  writeFileSync(world.socket, "");
  assert.equal(await world.run("fail2ban-client", ["start"]), 255);
  assert.match(world.stderr, /unexpected state \(not running but the socket exists\)/);
  assert.equal(await world.run("fail2ban-client", ["-x", "start"]), 0);
  await world.down();
});

test("foreground: serves until the end, fails with the configuration", async () => {
  for (const refuses of [false, true]) {
    const world = new World();
    const ended = Promise.withResolvers<void>();
    const done: string[] = [];
    const launcher: Partial<ServerLauncher> = {
      inForeground: async () => ({
        execute: async ([word]) => {
          done.push(String(word));
          if (refuses) throw new PyError("builtins", "Exception", ["no"]);
          if (word === "server-status") ended.resolve();
          return "Server ready";
        },
        quit: () => {
          done.push("quit");
          ended.resolve();
        },
        ready: () => done.push("ready"),
        closed: ended.promise,
      }),
    };
    assert.equal(await world.run("fail2ban-server", ["-f", "start"], "", launcher), refuses ? 255 : 0);
    assert.deepEqual(
      done,
      refuses ? ["server-stream", "banned", "quit"] : ["server-stream", "server-status", "ready"],
    );
    assert.equal(world.stdout, refuses ? "" : "Server ready\n");
  }
});

test("reload and its relatives", async () => {
  const world = new World();
  world.answer = () => "OK";
  assert.equal(await world.run("fail2ban-client", ["reload"]), 255);
  assert.equal(world.stderr, "fail2ban ERROR: Could not find server\n");
  await world.up();
  const sent: [string[], PyValue[]][] = [
    [["reload"], ["reload", "--all", [], world.stream]],
    [
      ["reload", "--all"],
      ["reload", "--all", [], world.stream],
    ],
    [
      ["reload", "--unban", "--if-exists", "sshd"],
      ["reload", "sshd", ["--unban", "--if-exists"], world.stream],
    ],
    [
      ["restart", "--unban", "sshd"],
      ["reload", "sshd", ["--restart", "--unban"], world.stream],
    ],
  ];
  for (const [words, command] of sent) {
    assert.equal(await world.run("fail2ban-client", words), 0);
    assert.equal(world.stdout, "OK\n");
    assert.deepEqual(world.commands.at(-1), command);
  }
  // Commands of our own are for servers of our own; the reference answers any ping with `pong`.
  world.extensions = [["set", "sshd", "addlogglob", "/var/log/a*", "head"]];
  world.answer = ([name]) => (name === "ping" ? "pong" : "OK");
  assert.equal(await world.run("fail2ban-client", ["reload"]), 0);
  assert.deepEqual(world.commands.at(-1), ["reload", "--all", [], world.stream]);
  world.answer = ([name, what]) => (name === "ping" && what === "extensions" ? ["addlogglob"] : "OK");
  assert.equal(await world.run("fail2ban-client", ["reload"]), 0);
  assert.deepEqual(world.commands.at(-1), ["reload", "--all", [], [...world.stream, ...world.extensions]]);
  world.extensions = [];
  assert.equal(await world.run("fail2ban-client", ["reload", "nojail"]), 255);
  assert.equal(world.stderr, "fail2ban ERROR: Failed during configuration: No section: 'nojail'\n");
  assert.equal(await world.run("fail2ban-client", ["reload", "--restart", "a", "b"]), 255);
  assert.equal(world.stderr, "fail2ban ERROR: Unexpected argument(s) for reload: ['a', 'b']\n");
  await world.down();
});

test("restart stops, waits and starts", async () => {
  const world = new World();
  await world.up();
  assert.equal(await world.run("fail2ban-client", ["restart"]), 0);
  assert.equal(world.stdout, "Shutdown successful\nServer ready\n");
  await world.down();
});

test("dump and test", async () => {
  const world = new World();
  assert.equal(await world.run("fail2ban-client", ["-d"]), 0);
  assert.equal(world.stdout, "plain 1\n");
  assert.equal(await world.run("fail2ban-client", ["-d", "--dp", "-t"]), 0);
  assert.equal(world.stdout, "pretty 1\nOK: configuration test is successful\n");
  world.configError = new ConfigError("broken");
  assert.equal(await world.run("fail2ban-client", ["-d"]), 255);
  assert.match(world.stdout, /^ERROR: The configuration stream failed because of the invalid syntax\.\n$/);
  assert.equal(await world.run("fail2ban-client", ["-t"]), 255);
  assert.equal(world.stdout, "ERROR: test configuration failed\n");
  assert.equal(await world.run("fail2ban-client", ["-t", "ping"]), 255);
  assert.equal(world.stdout, "");
  assert.match(world.stderr, /ERROR: ERROR: test configuration failed\n$/);
});

test("interactive mode", async () => {
  const world = new World();
  await world.up();
  world.answer = (command) => (command[0] === "echo" ? command.slice(1) : "OK");
  const lines = 'echo "a b" c\\ d\n\nreload\necho "open\nhelp\nexit\necho never\n';
  assert.equal(await world.run("fail2ban-client", ["-i"], lines), 0);
  const [, session = ""] = world.stdout.split("\n\n", 2);
  assert.match(
    session,
    /^fail2ban> a b c d\nfail2ban> fail2ban> {3}## load configuration \.\.\. \n {2}## reload \.\.\. \nOK\n/,
  );
  assert.match(world.stderr, /No closing quotation/);
  assert.match(world.stdout, /fail2ban> Usage: fail2ban-client/);
  assert.equal(await world.run("fail2ban-client", ["-i"], "echo x\n"), 255);
  assert.match(world.stdout, /fail2ban> x\nfail2ban> \n$/);
  assert.equal(world.stderr, "fail2ban ERROR: EOF when reading a line\n");
  await world.down();
});

test("an answer of an unexpected shape is shown as it is", async () => {
  const world = new World();
  await world.up();
  assert.equal(await world.run("fail2ban-client", ["get", "sshd", "logpath"]), 0);
  assert.equal(world.stdout, "NoneNone\n");
  assert.match(world.stderr, /^fail2ban\.beautifier WARNING: Beautifier error\. Please report the error\n/);
  assert.match(world.stderr, /ERROR: Beautify None with \['get', 'sshd', 'logpath'\] failed\n$/);
  await world.down();
});

test("a server program that waits to be configured", async () => {
  const world = new World();
  let served = 0;
  const launcher = { serve: async () => ++served > 0 };
  assert.equal(await world.run("fail2ban-server", ["--async", "-b"], "", launcher), 0);
  assert.equal(await world.run("fail2ban-server", ["--async", "start"], "", launcher), 0);
  assert.equal(served, 2);
});
