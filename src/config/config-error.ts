import { reprString } from "../pyvalue/repr.ts";

/** Where in the configuration something stands. All parts are optional: not every error has all of them. */
export interface ConfigPosition {
  /** Path of the file. */
  readonly file?: string | undefined;
  /** Line of the file, counted from 1. */
  readonly line?: number | undefined;
  /** Section, without brackets. */
  readonly section?: string | undefined;
  /** Option name. */
  readonly option?: string | undefined;
  /** Value as written in the file, before any substitution. */
  readonly value?: string | undefined;
  /** What should stand there instead, as a phrase: `a file that exists`. */
  readonly expected?: string | undefined;
}

/**
 * The configuration as a whole cannot be used. The message is the text that clients of fail2ban know; the
 * position says where to look.
 */
export class ConfigError extends Error {
  readonly position: ConfigPosition;

  constructor(message: string, position: ConfigPosition = {}) {
    super(message);
    this.name = "ConfigError";
    this.position = position;
  }

  /** The same error with what this position knows beyond its own. */
  within(position: ConfigPosition): ConfigError {
    return new ConfigError(this.message, { ...position, ...known(this.position) });
  }
}

/** One jail cannot be used; the others can. */
export class JailDefinitionError extends Error {
  readonly position: ConfigPosition;

  constructor(message: string, position: ConfigPosition = {}) {
    super(message);
    this.name = "JailDefinitionError";
    this.position = position;
  }
}

function known(position: ConfigPosition): ConfigPosition {
  return Object.fromEntries(Object.entries(position).filter(([, value]) => value !== undefined));
}

/** Characters of a value that the line about its place shows. */
const SHOWN = 80;
/** The same for messages, which repeat values in full unless that helps nobody. */
const LONGEST = 4000;

/** A value for a message: cut if it is beyond all measure. */
export function readable(value: string): string {
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}

/** Where, what is there, and what was expected: `/etc/fail2ban/jail.local:7, [sshd] bantime = '%(x)s'; expected …`. */
export function describeFault(position: ConfigPosition): string {
  const { value, expected } = position;
  const where = describePosition(position);
  const found = value === undefined ? where : `${where}${position.option ? " = " : ": "}${shown(value)}`;
  return [found, expected === undefined ? "" : `expected ${expected}`].filter(Boolean).join("; ");
}

function shown(value: string): string {
  return reprString(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
}

/** A position as one phrase, `/etc/fail2ban/jail.local:7, [sshd] bantime`. */
export function describePosition({ file, line, section, option }: ConfigPosition): string {
  const place = file === undefined ? "" : line === undefined ? file : `${file}:${line}`;
  const name = [section === undefined ? "" : `[${section}]`, option ?? ""].filter(Boolean).join(" ");
  return [place, name].filter(Boolean).join(", ");
}
