import { PyError } from "./value.ts";

/** The exceptions of the reference that answers may carry, by the classes that Python clients know. */

/** A failure without a class of its own. */
export function failure(text: string): PyError {
  return new PyError("builtins", "Exception", [text]);
}

export function valueError(text: string): PyError {
  return new PyError("builtins", "ValueError", [text]);
}

export function typeError(text: string): PyError {
  return new PyError("builtins", "TypeError", [text]);
}

export function nameError(text: string): PyError {
  return new PyError("builtins", "NameError", [text]);
}

export function runtimeError(text: string): PyError {
  return new PyError("builtins", "RuntimeError", [text]);
}

export function attributeError(text: string): PyError {
  return new PyError("builtins", "AttributeError", [text]);
}

export function lookupError(text: string): PyError {
  return new PyError("builtins", "LookupError", [text]);
}

/** A command lacks a word. */
export function indexError(): PyError {
  return new PyError("builtins", "IndexError", ["list index out of range"]);
}

/** A name that is not known; clients print it in quotes. */
export function keyError(text: string): PyError {
  return new PyError("builtins", "KeyError", [text]);
}

export function unknownJail(name: string): PyError {
  return new PyError("fail2ban.exceptions", "UnknownJailException", [name]);
}

export function duplicateJail(name: string): PyError {
  return new PyError("fail2ban.exceptions", "DuplicateJailException", [name]);
}

export function regexError(text: string): PyError {
  return new PyError("fail2ban.server.failregex", "RegexException", [text]);
}

const ERRNO: Record<string, [number, string, string]> = {
  ENOENT: [2, "No such file or directory", "FileNotFoundError"],
  EACCES: [13, "Permission denied", "PermissionError"],
  EPERM: [1, "Operation not permitted", "PermissionError"],
  EISDIR: [21, "Is a directory", "IsADirectoryError"],
  ENOTDIR: [20, "Not a directory", "NotADirectoryError"],
};

/** An error of the file system with the number and text that the C library gives it. */
export function osError(error: unknown, path: string): PyError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const known = ERRNO[code];
  if (known) return new PyError("builtins", known[2], [known[0], known[1], path]);
  const errno = Math.abs((error as NodeJS.ErrnoException).errno ?? 5);
  return new PyError("builtins", "OSError", [errno, code || String(error), path]);
}

/** A text that is no JSON. */
export function jsonDecodeError(reason: { message: string; position: number }, text: string): PyError {
  const { message, position } = reason;
  const lines = text.slice(0, position).split("\n");
  const column = (lines.at(-1)?.length ?? 0) + 1;
  const full = `${message}: line ${lines.length} column ${column} (char ${position})`;
  return new PyError("builtins", "ValueError", [full]);
}
