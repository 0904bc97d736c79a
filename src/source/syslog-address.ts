import { Identifier, parseAddress } from "../net/identifier.ts";

/** Where messages are received, and from whom. */
export interface SyslogAddress {
  readonly protocol: "udp" | "tcp";
  /** IP address. */
  readonly host: string;
  readonly port: number;
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
  const open = addresses.find(({ host }) => !isLoopback(host));
  if (open && allow === undefined) {
    throw new SyslogOptionError(
      `listen=${open.protocol}://${open.host}:${open.port} can be reached from other machines, who could have anybody ` +
        "banned: add allow=ADDRESS-OR-NETWORK of the senders (or allow=any)",
    );
  }
  return { addresses, allow: allow ?? null };
}

function parseListen(text: string): SyslogAddress {
  if (/^unix/.test(text)) {
    throw new SyslogOptionError(
      `listen=${text} is not possible, Node.js has no unix datagram sockets; let the syslog daemon forward to ${EXAMPLE}`,
    );
  }
  const match = LISTEN.exec(text);
  const host = match?.[2] === "localhost" ? "127.0.0.1" : (match?.[2] ?? "").replace(/^\[|\]$/g, "");
  const port = Number(match?.[3]);
  if (!match || !parseAddress(host) || port < 1 || port > 65_535) {
    throw new SyslogOptionError(`listen must be like ${EXAMPLE} or tcp://[::1]:5514, not '${text}'`);
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
