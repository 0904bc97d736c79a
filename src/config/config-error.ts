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

  /** The position as one phrase, `jail.local:7, [sshd] bantime`; empty if nothing is known. */
  get where(): string {
    return describePosition(this.position);
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

/** A position as one phrase, `/etc/fail2ban/jail.local:7, [sshd] bantime`. */
export function describePosition({ file, line, section, option }: ConfigPosition): string {
  const place = file === undefined ? "" : line === undefined ? file : `${file}:${line}`;
  const name = [section === undefined ? "" : `[${section}]`, option ?? ""].filter(Boolean).join(" ");
  return [place, name].filter(Boolean).join(", ");
}
