/**
 * What a failure or a ban is about: an address, a network, or any other text.
 *
 * Two identifiers are the same when their canonical `text` is equal.
 */
export class Identifier {
  /** Canonical text: `192.0.2.7`, `2001:db8::/32`, `some user`. */
  readonly text: string;
  /** Address family, or `null` for identifiers that are plain text. */
  readonly family: Family | null;
  /** Prefix length in bits; the full length (32 or 128) for a single address, `0` for plain text. */
  readonly prefix: number;
  #value: bigint | null;

  private constructor(text: string, family: Family | null, prefix: number, value: bigint | null) {
    this.text = text;
    this.family = family;
    this.prefix = prefix;
    this.#value = value;
  }

  /** An identifier that is never interpreted, even if it looks like an address (`usedns = raw`). */
  static raw(text: string): Identifier {
    return new Identifier(text, null, 0, 0n);
  }

  /**
   * Parses `ADDR`, `[ADDR]`, `ADDR/PREFIX` or `ADDR/NETMASK`; any other text stays as it is.
   *
   * IPv4-mapped IPv6 addresses become IPv4, host bits of networks are cleared, IPv6 is written in its
   * canonical compressed form.
   *
   * @example Identifier.parse("1.2.3.4/24").text // "1.2.3.0/24"
   */
  static parse(text: string, options: ParseOptions = ANYTHING): Identifier {
    const mayBeIPv4 = options.family !== "inet6" && (options.cidr ?? null) === null;
    if (mayBeIPv4 && isIPv4(text)) return new Identifier(text, "inet4", BITS.inet4, null);
    const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
    const slash = bare.indexOf("/");
    const addressText = slash < 0 ? bare : bare.slice(0, slash);
    const address = parseAddress(addressText);
    if (!address || (options.family && options.family !== address.family)) return Identifier.raw(text);
    const suffix = slash < 0 ? (options.cidr ?? null) : bare.slice(slash + 1);
    const full = BITS[address.family];
    if (suffix === null) return Identifier.#ofAddress(unmap(address), BITS[unmap(address).family]);
    const prefix = parsePrefix(suffix, address.family);
    if (prefix === null) return Identifier.raw(text);
    if (prefix === full) return Identifier.#ofAddress(unmap(address), BITS[unmap(address).family]);
    return Identifier.#ofAddress(address, prefix);
  }

  static #ofAddress(address: Address, prefix: number): Identifier {
    const bits = BITS[address.family];
    const shift = BigInt(bits - prefix);
    const value = (address.value >> shift) << shift;
    const text = formatAddress({ family: address.family, value });
    return new Identifier(prefix === bits ? text : `${text}/${prefix}`, address.family, prefix, value);
  }

  /** The address as a number, host bits cleared; `0n` for plain text. */
  get value(): bigint {
    // Most identifiers are only compared by their text, and there may be very many.
    this.#value ??= parseAddress(this.text)?.value ?? 0n;
    return this.#value;
  }

  /** The network of this length that an address or network lies in; the same identifier if it has no more bits. */
  network(length: number): Identifier {
    if (this.family === null || this.prefix <= length) return this;
    return Identifier.#ofAddress({ family: this.family, value: this.value }, length);
  }

  /** True when the two have an address in common. */
  overlaps(other: Identifier): boolean {
    return this.contains(other) || other.contains(this);
  }

  /** True for one address, false for networks and plain text. */
  get isSingle(): boolean {
    return this.family !== null && this.prefix === BITS[this.family];
  }

  /** True when `other` is an address or network that lies wholly inside this address or network. */
  contains(other: Identifier): boolean {
    if (this.family === null || other.family !== this.family || other.prefix < this.prefix) return false;
    const shift = BigInt(BITS[this.family] - this.prefix);
    return other.value >> shift === this.value >> shift;
  }

  /**
   * The labels of the address in reverse order, each followed by a dot, as reverse DNS zones want them:
   * `7.2.0.192.`; 32 nibbles for IPv6; empty for plain text.
   */
  get reversed(): string {
    if (this.family === null) return "";
    if (this.family === "inet4") return `${this.text.split(".").reverse().join(".")}.`;
    const nibbles = this.value.toString(16).padStart(32, "0");
    return `${[...nibbles].reverse().join(".")}.`;
  }

  toString(): string {
    return this.text;
  }
}

/** Address family, named as the `family` condition of actions names it. */
export type Family = "inet4" | "inet6";

/** How a text is to be read as an identifier. */
export interface ParseOptions {
  /** Only an address of this family counts as one. */
  readonly family?: Family;
  /** Prefix length or netmask that was captured apart from the address. */
  readonly cidr?: string | null;
}

const ANYTHING: ParseOptions = {};

/** A single address as a number. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

const BITS = { inet4: 32, inet6: 128 } as const;
const MAPPED_PREFIX = 0xffffn;
const [DOT, ZERO, NINE] = [46, 48, 57];

/** Parses one IPv4 or IPv6 address strictly (no leading zeros, no zone); `null` when the text is none. */
export function parseAddress(text: string): Address | null {
  if (text.includes(":")) {
    const value = parseIPv6(text);
    return value === null ? null : { family: "inet6", value };
  }
  const value = parseIPv4(text);
  return value === null ? null : { family: "inet4", value };
}

/**
 * Writes an address in its canonical form: for IPv6 that of RFC 5952, with a dotted quad behind 96 zero bits and in
 * mapped addresses, as systems write it.
 */
export function formatAddress(address: Address): string {
  if (address.family === "inet4") return dottedQuad(Number(address.value));
  const groups: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) {
    groups.push(((address.value >> shift) & 0xffffn).toString(16));
  }
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return groups.join(":");
  if (zeros.start === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === "ffff"))) {
    return `::${zeros.length === 5 ? "ffff:" : ""}${dottedQuad(Number(address.value & 0xffffffffn))}`;
  }
  const head = groups.slice(0, zeros.start).join(":");
  const tail = groups.slice(zeros.start + zeros.length).join(":");
  return `${head}::${tail}`;
}

function dottedQuad(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function parseIPv4(text: string): bigint | null {
  if (!isIPv4(text)) return null;
  return BigInt(text.split(".").reduce((value, part) => value * 256 + Number(part), 0));
}

/** Whether the text is an IPv4 address in its canonical form. */
function isIPv4(text: string): boolean {
  if (text.length > 15) return false;
  let dots = 0;
  let digits = 0;
  let part = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0) return false;
      dots++;
      digits = 0;
      part = 0;
      continue;
    }
    if (code < ZERO || code > NINE || (digits > 0 && part === 0)) return false;
    part = part * 10 + code - ZERO;
    digits++;
    if (part > 255) return false;
  }
  return dots === 3 && digits > 0;
}

function parseIPv6(text: string): bigint | null {
  let source = text;
  const dotted = /^(.*:)([\d.]+)$/.exec(source);
  if (dotted?.[2]?.includes(".")) {
    const quad = parseIPv4(dotted[2]);
    if (quad === null) return null;
    source = `${dotted[1]}${(quad >> 16n).toString(16)}:${(quad & 0xffffn).toString(16)}`;
  }
  const halves = source.split("::");
  if (halves.length > 2) return null;
  const head = splitGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? splitGroups(halves[1] ?? "") : [];
  if (!head || !tail) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  let value = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) {
    value = (value << 16n) | BigInt(group);
  }
  return value;
}

function splitGroups(text: string): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  for (const group of text.split(":")) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    groups.push(Number.parseInt(group, 16));
  }
  return groups;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === "0") end++;
    if (end - i > best.length) best = { start: i, length: end - i };
    i = Math.max(i, end);
  }
  return best;
}

function unmap(address: Address): Address {
  if (address.family !== "inet6" || address.value >> 32n !== MAPPED_PREFIX) return address;
  return { family: "inet4", value: address.value & 0xffffffffn };
}

function parsePrefix(text: string, family: Family): number | null {
  const bits = BITS[family];
  if (/^\d+$/.test(text)) {
    const prefix = Number(text);
    return prefix <= bits ? prefix : null;
  }
  const mask = parseAddress(text);
  if (mask?.family !== family) return null;
  const inverted = ~mask.value & ((1n << BigInt(bits)) - 1n);
  if ((inverted & (inverted + 1n)) !== 0n) return null;
  return bits - (inverted === 0n ? 0 : inverted.toString(2).length);
}
