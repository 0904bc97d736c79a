import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Instance, ROOT, until } from "../test/instance.ts";
import { type DemoFirewall, openFirewall } from "./firewall.ts";
import { block, gap, headline, line, paint, say, shortLine } from "./stage.ts";

/**
 * The first thing a newcomer runs: the real server on a throw-away copy of the shipped configuration, fed with
 * sample attacks, told as it happens.
 */

const BAN_SECONDS = 6;
const FRIEND = "198.51.100.23";
const MONITOR = "192.0.2.10";
const SSH_ATTACKER = "203.0.113.66";
const SSH_ATTACKER6 = "2001:db8:bad::66";
const WEB_ATTACKER = "203.0.113.77";

/** Seconds between two lines of a log, for the reader's sake. */
const PACE = 0.15;

/** The running demo: its server, its firewall, and how much of the server's log was shown. */
class Demo {
  readonly #server: Instance;
  readonly #firewall: DemoFirewall;
  readonly #unheard: string[] = [];
  #read = 0;

  constructor(server: Instance, firewall: DemoFirewall) {
    this.#server = server;
    this.#firewall = firewall;
  }

  /** Writes lines to a log, one after the other, each when the server has said what it makes of the one before. */
  async write(file: string, lines: readonly string[], expected: string): Promise<void> {
    for (const [index, text] of lines.entries()) {
      await delay(PACE * 1000);
      (index === 0 ? line : shortLine)(file, "cyan", text);
      this.#server.append(file, `${text}\n`);
      await this.hear(expected);
    }
  }

  /** Shows what the server logs until it says what is expected. */
  async hear(expected: string): Promise<void> {
    let found = false;
    await until(() => {
      this.#listen();
      while (!found && this.#unheard.length > 0) {
        const message = this.#unheard.shift()!;
        this.#showMessage(message);
        found = message.includes(expected);
      }
      return found;
    }, `the server says "${expected}"`);
  }

  /** Shows what the firewall holds for a jail, once it looks as expected. */
  async showFirewall(jail: string, expected: (text: string) => boolean): Promise<void> {
    const look = () => this.#firewall.show(jail, (file) => this.#server.read(file));
    await until(() => expected(look().text), `the firewall of jail ${jail} is as expected`);
    const { speaker, text } = look();
    for (const [index, one] of text.split("\n").entries()) line(index === 0 ? speaker : "", "magenta", one);
  }

  /** Runs a command of the client and shows its output. */
  client(...words: string[]): void {
    line("you", "green", `fail2ban-client ${words.join(" ")}`);
    block("", "green", this.#server.client(...words));
  }

  /** Takes the news from the server's log, without what concerns no address. */
  #listen(): void {
    const lines = this.#server.read("fail2ban.log").split("\n").slice(0, -1);
    const messages = lines.slice(this.#read).map((one) => one.replace(/^.*?\]: \w+\s+/, ""));
    this.#read = lines.length;
    this.#unheard.push(...messages.filter((one) => /^\[[\w-]+\] (Found|Ban|Unban|Ignore) /.test(one)));
  }

  #showMessage(message: string): void {
    const important = / (Ban|Unban) /.test(message);
    line("fail2ban", important ? "red" : "yellow", important ? paint("bold", message) : message);
  }
}

/** Now, as syslog and nginx write it. */
function stamps(): { syslog: string; nginx: string } {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, "0");
  const month = now.toLocaleString("en-US", { month: "short" });
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  const day = String(now.getDate()).padStart(2, " ");
  const date = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
  return { syslog: `${month} ${day} ${time}`, nginx: `${date} ${time}` };
}

/** Each address has an sshd process of its own: lines of one process belong to one session. */
const SSHD_PIDS = [FRIEND, MONITOR, SSH_ATTACKER, SSH_ATTACKER6];
const sshLine = (user: string, ip: string) =>
  `${stamps().syslog} web1 sshd[${4711 + SSHD_PIDS.indexOf(ip)}]: Failed password for ${user} from ${ip} port 50222 ssh2`;
const nginxLine = (ip: string) =>
  `${stamps().nginx} [error] 99#99: *1 user "admin": password mismatch, client: ${ip}, ` +
  'server: localhost, request: "GET /admin HTTP/1.1", host: "web1"';

async function story(demo: Demo): Promise<void> {
  headline("1. A user mistypes once");
  await demo.write("auth.log", [sshLine("alice", FRIEND)], `Found ${FRIEND}`);
  say("One failure is remembered and soon forgotten. Nobody is banned.");

  headline("2. Somebody guesses passwords over ssh");
  const users = ["root", "admin", "oracle"];
  await demo.write(
    "auth.log",
    users.map((user) => sshLine(user, SSH_ATTACKER)),
    `Found ${SSH_ATTACKER}`,
  );
  await demo.hear(`Ban ${SSH_ATTACKER}`);
  await demo.showFirewall("sshd", (text) => text.includes(SSH_ATTACKER));

  headline("3. The same over IPv6");
  await demo.write(
    "auth.log",
    users.map((user) => sshLine(user, SSH_ATTACKER6)),
    `Found ${SSH_ATTACKER6}`,
  );
  await demo.hear(`Ban ${SSH_ATTACKER6}`);
  await demo.showFirewall("sshd", (text) => text.includes(SSH_ATTACKER6));

  headline("4. Your own monitoring fails too, but it stands in ignoreip");
  await demo.write(
    "auth.log",
    users.map(() => sshLine("probe", MONITOR)),
    `Ignore ${MONITOR}`,
  );

  headline("5. Somebody guesses the password of a web page");
  await demo.write(
    "error.log",
    users.map(() => nginxLine(WEB_ATTACKER)),
    `Found ${WEB_ATTACKER}`,
  );
  await demo.hear(`Ban ${WEB_ATTACKER}`);
  await demo.showFirewall("nginx-http-auth", (text) => text.includes(WEB_ATTACKER));

  headline("6. What you see");
  demo.client("status", "sshd");

  headline(`7. After bantime (here ${BAN_SECONDS} seconds) everybody gets another chance`);
  await demo.hear(`Unban ${WEB_ATTACKER}`);
  await demo.showFirewall(
    "nginx-http-auth",
    (text) => !text.includes(` ${WEB_ATTACKER}`) || text.includes("delete"),
  );
}

function epilogue(): void {
  gap();
  say("The server has been stopped and everything it made is removed. What to try next:");
  gap();
  const next: [string, string][] = [
    ["bin/fail2ban-regex LOG FILTER", "try a filter on a log of yours"],
    ["bin/fail2ban-client -c /etc/fail2ban -t", "test the configuration you have"],
    ["bin/fail2ban-server -h", "all options; see also README.md"],
    ["npm test", "what is promised, shown"],
  ];
  for (const [command, what] of next) console.log(`  ${paint("green", command.padEnd(40))} ${what}`);
}

async function main(): Promise<void> {
  console.log(paint("bold", "fail2ban-ts: from a log line to the firewall and back"));
  const firewall = openFirewall();
  const server = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    ...(firewall.namespace && { namespace: firewall.namespace }),
    files: { "jail.local": jailLocal(firewall.banaction), ...firewall.files },
  });
  const cleanUp = async () => {
    await server.dispose();
    firewall.dispose();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
  }
  try {
    server.write("auth.log", "");
    server.write("error.log", "");
    say(firewall.description);
    server.start();
    await story(new Demo(server, firewall));
  } finally {
    await cleanUp();
  }
  epilogue();
}

function jailLocal(banaction: string): string {
  return `[DEFAULT]
banaction = ${banaction}
bantime = ${BAN_SECONDS}
maxretry = 3
ignoreip = ${MONITOR}
backend = auto
[sshd]
enabled = true
backend = auto
logpath = {DIR}/auth.log
[nginx-http-auth]
enabled = true
logpath = {DIR}/error.log
`;
}

await main();
