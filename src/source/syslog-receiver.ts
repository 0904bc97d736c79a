import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { hostname } from "node:os";
import { Identifier } from "../net/identifier.ts";
import type { CancelTimer, Clock } from "../time/clock.ts";
import { errorText } from "./file-io.ts";
import { type LineListener, type LineStream, Listeners } from "./line-stream.ts";
import type { SourceFault } from "./source-state.ts";
import { addressText, type SyslogAddress, type SyslogSelection } from "./syslog-address.ts";
import { SyslogFrames } from "./syslog-frames.ts";
import { syslogLine } from "./syslog-message.ts";
import { UnixDatagrams } from "./unix-datagrams.ts";

const MOST_CONNECTIONS = 256;
const FIRST_DELAY = 1;
const LONGEST_DELAY = 60;
/** Characters that are gathered before they are handed on, at the latest. */
const MOST_GATHERED = 256 * 1024;

/** All syslog receivers of a server: jails with the same options share one. */
export class SyslogReceivers {
  readonly #clock: Clock;
  readonly #receivers = new Map<string, SyslogReceiver>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  receiver(selection: SyslogSelection): LineStream {
    const { addresses, allow } = selection;
    const key = JSON.stringify([addresses, allow?.map((id) => id.text) ?? null]);
    const known = this.#receivers.get(key) ?? new SyslogReceiver(selection, this.#clock);
    this.#receivers.set(key, known);
    return known;
  }
}

/** Receives syslog messages by UDP, TCP and Unix sockets, while somebody listens, and makes log lines of them. */
export class SyslogReceiver implements LineStream {
  readonly #selection: SyslogSelection;
  readonly #clock: Clock;
  readonly #listeners = new Listeners();
  #ports: Port[] = [];
  #gathered: string[] = [];
  #gatheredLength = 0;
  #flushing = false;

  constructor(selection: SyslogSelection, clock: Clock) {
    this.#selection = selection;
    this.#clock = clock;
  }

  get fault(): SourceFault | null {
    return this.#ports.find((port) => port.fault !== null)?.fault ?? null;
  }

  listen(listener: LineListener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      if (this.#listeners.remove(listener) && this.#listeners.size === 0) this.#close();
    };
  }

  /** Fulfilled when every address is listened on. */
  async ready(): Promise<void> {
    await Promise.all(this.#ports.map((port) => port.ready));
  }

  #open(): void {
    this.#ports = this.#selection.addresses.map(
      (address) =>
        new Port(address, this.#clock, {
          onMessage: (message, sender) => this.#take(message, { sender, isLocal: false }),
          onLocalMessage: (message) => this.#take(message, { sender: hostname(), isLocal: true }),
          onTrouble: (message) => this.#listeners.tellTrouble(message),
          accepts: (sender) => this.#accepts(sender),
        }),
    );
  }

  #close(): void {
    for (const port of this.#ports) port.close();
    this.#ports = [];
    this.#gathered = [];
    this.#gatheredLength = 0;
  }

  #accepts(sender: string): boolean {
    const { allow } = this.#selection;
    if (allow === null) return true;
    const id = Identifier.parse(sender);
    if (allow.some((network) => network.contains(id))) return true;
    this.#listeners.tellTrouble(
      `A syslog message from ${sender} was refused, the option allow does not list it`,
    );
    return false;
  }

  #take(message: Buffer, from: { sender: string; isLocal: boolean }): void {
    const line = syslogLine(message.toString("latin1"), { time: this.#clock.now(), ...from });
    if (line === null) return;
    this.#gathered.push(line, "\n");
    this.#gatheredLength += line.length + 1;
    if (this.#gatheredLength >= MOST_GATHERED) this.#flush();
    else if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(() => this.#flush());
    }
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#gathered.length === 0) return;
    const lines = Buffer.from(this.#gathered.join(""), "latin1");
    this.#gathered = [];
    this.#gatheredLength = 0;
    this.#listeners.tellLines(lines);
  }
}

interface PortEvents {
  readonly onMessage: (message: Buffer, sender: string) => void;
  readonly onLocalMessage: (message: Buffer) => void;
  readonly onTrouble: (message: string) => void;
  readonly accepts: (sender: string) => boolean;
}

/** One address that is listened on. If that fails it is tried again, with growing pauses. */
class Port {
  readonly #address: SyslogAddress;
  readonly #clock: Clock;
  readonly #events: PortEvents;
  readonly #connections = new Set<Socket>();
  readonly #ready = Promise.withResolvers<void>();
  #socket: UdpSocket | Server | UnixDatagrams | null = null;
  #delay = FIRST_DELAY;
  #cancelRetry: CancelTimer | null = null;
  #closed = false;
  #fault: SourceFault | null = null;

  constructor(address: SyslogAddress, clock: Clock, events: PortEvents) {
    this.#address = address;
    this.#clock = clock;
    this.#events = events;
    this.#open();
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get fault(): SourceFault | null {
    return this.#fault;
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#shut();
  }

  #open(): void {
    const onListening = () => {
      this.#delay = FIRST_DELAY;
      this.#fault = null;
      this.#ready.resolve();
    };
    if (this.#address.protocol === "unix") {
      this.#socket = new UnixDatagrams(this.#address.path, {
        onListening,
        onMessage: (message) => {
          if (!this.#closed) this.#events.onLocalMessage(message);
        },
        onFailure: (error) => this.#failed(error),
      });
      return;
    }
    const { protocol, host, port } = this.#address;
    if (protocol === "udp") {
      const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
      this.#socket = socket;
      socket.on("message", (message, { address }) => this.#receive(message, plain(address)));
      socket.on("error", (error) => this.#failed(error)).on("listening", onListening);
      socket.bind(port, host);
      return;
    }
    const server = createServer((connection) => this.#serve(connection));
    this.#socket = server;
    server.maxConnections = MOST_CONNECTIONS;
    server.on("error", (error) => this.#failed(error)).on("listening", onListening);
    server.listen(port, host);
  }

  #receive(message: Buffer, sender: string): void {
    if (!this.#closed && this.#events.accepts(sender)) this.#events.onMessage(message, sender);
  }

  #serve(connection: Socket): void {
    const sender = plain(connection.remoteAddress ?? "unknown");
    connection.on("error", () => connection.destroy());
    if (this.#closed || !this.#events.accepts(sender)) {
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    const frames = new SyslogFrames({
      onMessage: (message) => this.#events.onMessage(message, sender),
      onSkipped: (bytes) =>
        this.#events.onTrouble(`Skipped a syslog message of ${bytes} bytes from ${sender}: too long`),
    });
    connection.on("data", (piece: Buffer) => frames.push(piece));
    connection.on("end", () => frames.end());
    connection.on("close", () => this.#connections.delete(connection));
  }

  #failed(error: Error): void {
    if (this.#closed) return;
    this.#shut();
    const reason = `Unable to receive syslog messages at ${addressText(this.#address)}`;
    const since = this.#fault?.since ?? this.#clock.now();
    this.#fault = { health: "retrying", since, reason: `${reason}: ${errorText(error)}` };
    this.#events.onTrouble(`${reason}, it will be tried again: ${errorText(error)}`);
    this.#cancelRetry = this.#clock.after(this.#delay, () => this.#open());
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
  }

  #shut(): void {
    for (const connection of this.#connections) connection.destroy();
    this.#connections.clear();
    try {
      this.#socket?.close();
    } catch {
      // It never was open.
    }
    this.#socket = null;
  }
}

/** Addresses without zone, and those of IPv4 as such. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}
