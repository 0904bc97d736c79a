import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../../time/clock.ts";

/** Where and how mail is handed over. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. Otherwise the connection is encrypted if the server offers STARTTLS. */
  readonly tls: boolean;
  /** Log in with these; needs an encrypted connection, or a server on this machine. */
  readonly login: { readonly user: string; readonly password: string } | null;
  /** Name that this host gives itself. */
  readonly hostName: string;
  /** Limit for the whole exchange, seconds. */
  readonly timeoutSeconds: number;
}

/** One mail as it goes over the wire. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, lines ended by CRLF. */
  readonly message: string;
}

/** Most bytes of an answer line that are read. */
const LONGEST_LINE = 8192;

/**
 * Hands one mail to a server.
 *
 * @throws Error naming the server and what it answered
 */
export async function sendMail(server: SmtpServer, envelope: Envelope, clock: Clock): Promise<void> {
  const place = `${server.host}:${server.port}`;
  const session = new SmtpSession(server);
  const cancel = clock.after(server.timeoutSeconds, () =>
    session.destroy(new Error(`no end after ${server.timeoutSeconds} seconds`)),
  );
  try {
    await session.begin();
    await session.send(envelope);
  } catch (error) {
    throw new Error(`mail server ${place}: ${(error as Error).message}`);
  } finally {
    cancel();
    session.destroy();
  }
}

class SmtpSession {
  readonly #server: SmtpServer;
  #socket: Socket;
  #lines: LineReader;
  #encrypted: boolean;
  #abandoned: Error | null = null;

  constructor(server: SmtpServer) {
    const { host, port, tls } = server;
    this.#server = server;
    this.#encrypted = tls;
    this.#socket = tls ? connectTls({ ...this.#tlsOptions, host, port }) : connect({ host, port });
    this.#lines = new LineReader(this.#socket);
  }

  destroy(error?: Error): void {
    this.#abandoned ??= error ?? null;
    this.#socket.destroy(error);
  }

  /** Greeting, encryption and login. */
  async begin(): Promise<void> {
    await this.#expect(220);
    let features = await this.#hello();
    if (!this.#encrypted && features.includes("STARTTLS")) {
      await this.#command("STARTTLS", 220);
      this.#socket.removeAllListeners("data");
      this.#socket = connectTls({ ...this.#tlsOptions, socket: this.#socket });
      this.#lines = new LineReader(this.#socket);
      this.#encrypted = true;
      features = await this.#hello();
    }
    if (this.#server.login) await this.#login(this.#server.login);
  }

  async send({ from, to, message }: Envelope): Promise<void> {
    await this.#command(`MAIL FROM:<${from}>`, 250);
    for (const address of to) await this.#command(`RCPT TO:<${address}>`, 250);
    await this.#command("DATA", 354);
    await this.#command(`${message.replace(/^\./gm, "..")}\r\n.`, 250);
    this.#socket.end("QUIT\r\n");
  }

  /** Who logs in must know whom the password goes to; without login an unknown certificate is better than none. */
  get #tlsOptions() {
    const { host, login } = this.#server;
    return { ...(!isIP(host) && { servername: host }), rejectUnauthorized: login !== null && !isLocal(host) };
  }

  async #hello(): Promise<string[]> {
    const lines = await this.#command(`EHLO ${this.#server.hostName}`, 250);
    return lines.map((line) => line.toUpperCase());
  }

  async #login({ user, password }: { user: string; password: string }): Promise<void> {
    if (!this.#encrypted && !isLocal(this.#server.host)) {
      throw new Error("the server offers no encryption, the password is not sent");
    }
    await this.#command(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString("base64")}`, 235);
  }

  async #command(text: string, expected: number): Promise<string[]> {
    this.#socket.write(`${text}\r\n`);
    return this.#expect(expected, text.split(" ", 1)[0]?.slice(0, 20));
  }

  async #expect(expected: number, about = "greeting"): Promise<string[]> {
    const answer: string[] = [];
    for (;;) {
      const line = await this.#lines.next().catch((error: Error) => Promise.reject(this.#abandoned ?? error));
      answer.push(line.slice(4));
      if (line[3] === "-") continue;
      if (Number(line.slice(0, 3)) !== expected) throw new Error(`answered ${about} with: ${line}`);
      return answer;
    }
  }
}

/** The lines that arrive at a socket. */
class LineReader {
  readonly #lines: string[] = [];
  #rest = "";
  #failure: Error | null = null;
  #wake = () => {};

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => this.#add(chunk.toString("latin1")));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("connection closed")));
  }

  async next(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #add(text: string): void {
    const parts = (this.#rest + text).split(/\r?\n/);
    this.#rest = parts.pop() ?? "";
    this.#lines.push(...parts);
    if (this.#rest.length > LONGEST_LINE) this.#fail(new Error("answer line is too long"));
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}
