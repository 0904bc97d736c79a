import { Identifier, parseAddress } from "../net/identifier.ts";

/** Where messages are received. */
export type SyslogAddress = NetworkAddress | UnixAddress;

/** A port of this machine. */
export interface NetworkAddress {
  readonly protocol: "udp" | "tcp";
  /** IP address. */
  readonly host: string;
  readonly port: number;
}

/** A Unix socket for datagrams. */
export interface UnixAddress {
  readonly protocol: "unix";
  readonly path: string;
}

/** The address as `listen` has it. */
export function addressText(address: SyslogAddress): string {
  if (address.protocol === "unix") return `unix://${address.path}`;
  return `${address.protocol}://${address.host}:${address.port}`;
}

/** The options of `syslog[…]`. */
export interface SyslogSelection {
  readonly addresses: readonly SyslogAddress[];
  /** Senders that are listened to; `null`: all. */
  readonly allow: readonly Identifier[] | null;
}

/** An option in the brackets of `syslog[…]` that cannot be used. */
export class SyslogOptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SyslogOptionError";
  }
}

const EXAMPLE = "udp://127.0.0.1:5514";
const LISTEN = /^(udp|tcp):\/\/(\[[0-9a-fA-F:.]+\]|[^[\]/:]+):(\d{1,5})$/;
const UNIX = /^unix:\/\/(\/.+)$/;
/** What the system takes, without the NUL at the end. */
const LONGEST_PATH = 107;
const LOOPBACK = ["127.0.0.0/8", "::1"].map((text) => Identifier.parse(text));

/**
 * Reads the options of `syslog[…]`: `listen`, one or several addresses, and `allow`, the senders that are
 * listened to. Addresses other than the machine's own loopback ones need the latter.
 *
 * @throws {SyslogOptionError}
 */
export function selectSyslog(options: ReadonlyMap<string, string>): SyslogSelection {
  const unknown = [...options.keys()].find((name) => name !== "listen" && name !== "allow");
  if (unknown !== undefined) {
    throw new SyslogOptionError(`backend syslog takes no option '${unknown}', only listen, allow`);
  }
  const addresses = words(options.get("listen")).map(parseListen);
  if (addresses.length === 0) {
    throw new SyslogOptionError(`backend syslog needs to be told where to listen: syslog[listen=${EXAMPLE}]`);
  }
  const allow = allowed(options.get("allow"));
  const open = addresses.find((address) => address.protocol !== "unix" && !isLoopback(address.host));
  if (open && allow === undefined) {
    throw new SyslogOptionError(
      `listen=${addressText(open)} can be reached from other machines, who could have anybody ` +
        "banned: add allow=ADDRESS-OR-NETWORK of the senders (or allow=any)",
    );
  }
  return { addresses, allow: allow ?? null };
}

function parseListen(text: string): SyslogAddress {
  const path = UNIX.exec(text)?.[1];
  if (path !== undefined) {
    if (Buffer.byteLength(path) <= LONGEST_PATH) return { protocol: "unix", path };
    throw new SyslogOptionError(
      `listen=${text} is too long: a socket's path has at most ${LONGEST_PATH} bytes`,
    );
  }
  const match = LISTEN.exec(text);
  const host = match?.[2] === "localhost" ? "127.0.0.1" : (match?.[2] ?? "").replace(/^\[|\]$/g, "");
  const port = Number(match?.[3]);
  if (!match || !parseAddress(host) || port < 1 || port > 65_535) {
    throw new SyslogOptionError(
      `listen must be like ${EXAMPLE}, tcp://[::1]:5514 or unix:///run/fail2ban/log, not '${text}'`,
    );
  }
  return { protocol: match[1] as "udp" | "tcp", host, port };
}

function allowed(text: string | undefined): readonly Identifier[] | null | undefined {
  if (text === undefined) return undefined;
  if (text.trim() === "any") return null;
  return words(text).map((word) => {
    const id = Identifier.parse(word);
    if (!id.family)
      throw new SyslogOptionError(`allow must list addresses and networks, or be 'any', not '${word}'`);
    return id;
  });
}

function words(text = ""): string[] {
  return text.split(/[,\s]+/).filter((word) => word !== "");
}

function isLoopback(host: string): boolean {
  const id = Identifier.parse(host);
  return LOOPBACK.some((network) => network.contains(id));
}
