import { randomUUID } from "node:crypto";
import type { BanInfo } from "../ban-info.ts";
import type { ActionModule, ModuleOptions, ModuleTools } from "../module-action.ts";
import type { JailView } from "../ticket-info.ts";
import { type SmtpServer, sendMail } from "./smtp-client.ts";

const DEFAULTS = {
  host: "localhost",
  ssl: "false",
  user: "",
  password: "",
  sendername: "Fail2Ban",
  sender: "fail2ban",
  dest: "root",
  matches: "",
};
const MATCHES = ["", "none", "matches", "ipmatches", "ipjailmatches"];
const TIMEOUT = 60;

/**
 * Sends a mail when the jail starts, stops and bans; the action that configurations know as `smtp.py`.
 *
 * Options: `host` (`HOST` or `HOST:PORT`), `ssl`, `user`, `password`, `sendername`, `sender`, `dest` (several
 * separated by commas), `matches` (`matches`, `ipmatches` or `ipjailmatches`: the log lines to add).
 */
export class Action implements ActionModule {
  readonly norestored = true;
  readonly #jail: JailView;
  readonly #tools: ModuleTools;
  #options: typeof DEFAULTS;

  constructor(jail: JailView, name: string, options: ModuleOptions, tools: ModuleTools) {
    this.#jail = jail;
    this.#tools = tools;
    this.#options = checked(name, options);
  }

  reload(options: ModuleOptions): void {
    this.#options = checked("smtp", options);
  }

  async start(): Promise<void> {
    await this.#mail("started on", `The jail ${this.#jail.name} has been started.`);
  }

  async stop(): Promise<void> {
    await this.#mail("stopped on", `The jail ${this.#jail.name} has been stopped.`);
  }

  async ban(info: BanInfo): Promise<void> {
    const ip = (await info.value("ip")) ?? info.id.text;
    const failures = (await info.value("failures")) ?? "0";
    const text = [
      `${ip} has been banned for ${this.#jail.bantime()} seconds`,
      `after ${failures} attempts against ${this.#jail.name}.`,
    ];
    const kind = this.#options.matches;
    if (kind && kind !== "none") text.push("", "Log lines:", "", (await info.value(kind)) ?? "");
    await this.#mail(`banned ${ip} from`, text.join("\n"));
  }

  async #mail(event: string, text: string): Promise<void> {
    const { sender, sendername, dest } = this.#options;
    const to = addresses(dest);
    const headers = [
      `Subject: ${encoded(`[Fail2Ban] ${this.#jail.name}: ${event} ${this.#tools.hostName}`)}`,
      `From: ${encoded(sendername)} <${sender}>`,
      `To: ${to.join(", ")}`,
      `Date: ${new Date(this.#tools.clock.now() * 1000).toUTCString().replace("GMT", "+0000")}`,
      `Message-ID: <${randomUUID()}@${this.#tools.hostName}>`,
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
    ];
    const body = Buffer.from(`${text}\n`).toString("base64").replace(/.{76}/g, "$&\r\n");
    const message = `${headers.join("\r\n")}\r\n\r\n${body}`;
    await sendMail(this.#server(), { from: sender, to, message }, this.#tools.clock);
  }

  #server(): SmtpServer {
    const { host, ssl, user, password } = this.#options;
    const tls = /^(1|on|true|yes)$/i.test(ssl);
    const [, bracketed, plain = host, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(host) ?? [];
    return {
      host: bracketed ?? plain,
      port: port === undefined ? (tls ? 465 : 25) : Number(port),
      tls,
      login: user && password ? { user, password } : null,
      hostName: this.#tools.hostName,
      timeoutSeconds: TIMEOUT,
    };
  }
}

/** @throws Error for an unknown option or a value that cannot be used */
function checked(name: string, options: ModuleOptions): typeof DEFAULTS {
  const result = { ...DEFAULTS };
  for (const [key, value] of Object.entries(options)) {
    if (key === "name" || key === "actname") continue;
    if (!Object.hasOwn(DEFAULTS, key)) throw new Error(`action ${name}: unknown option ${key}`);
    result[key as keyof typeof DEFAULTS] = String(value ?? "");
  }
  for (const address of [result.sender, ...addresses(result.dest)]) {
    if (!/^[^\s<>,;:"\\\p{Cc}]+$/u.test(address))
      throw new Error(`action ${name}: "${address}" is no mail address`);
  }
  if (!MATCHES.includes(result.matches.toLowerCase())) {
    throw new Error(
      `action ${name}: option matches is "${result.matches}", expected ${MATCHES.slice(1).join(", ")}`,
    );
  }
  result.matches = result.matches.toLowerCase();
  return result;
}

function addresses(list: string): string[] {
  return list.split(/[,\s]+/).filter((address) => address !== "");
}

/** A header value; texts beyond plain ASCII, and anything that could end the header, become encoded words. */
function encoded(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [];
  for (const part of text.match(/.{1,15}/gsu) ?? []) {
    words.push(`=?utf-8?B?${Buffer.from(part).toString("base64")}?=`);
  }
  return words.join("\r\n ");
}
