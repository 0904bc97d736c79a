import type { FileAccess } from "./files.ts";

const MAGIC = /[*?[]/;

/** Whether a pattern is more than a plain path. */
export function hasWildcards(pattern: string): boolean {
  return MAGIC.test(pattern);
}

/**
 * Paths that match a shell-style pattern: `*`, `?`, `[…]` and `[!…]` within one part of the path, a leading dot
 * only when it is written. The order is that of the file system. A pattern without wildcards yields itself if the name
 * exists, even as a link that leads nowhere.
 */
export function glob(pattern: string, files: FileAccess): string[] {
  if (!MAGIC.test(pattern)) return existsAsWritten(pattern, files) ? [pattern] : [];
  const { directory, name } = splitPath(pattern);
  const directories =
    directory !== "" && MAGIC.test(directory) ? globDirectories(directory, files) : [directory];
  return directories.flatMap((found) => matchesIn(found, name, files).map((match) => joinPath(found, match)));
}

/** The last part of a path and what is before it, without the slash between them. */
function splitPath(path: string): { directory: string; name: string } {
  const slash = path.lastIndexOf("/") + 1;
  const directory = path.slice(0, slash);
  return {
    directory: /^\/*$/.test(directory) ? directory : directory.replace(/\/+$/, ""),
    name: path.slice(slash),
  };
}

function joinPath(directory: string, name: string): string {
  return directory === "" || directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

function globDirectories(pattern: string, files: FileAccess): string[] {
  return glob(pattern, files).filter((path) => files.stat(path) === "directory");
}

function existsAsWritten(path: string, files: FileAccess): boolean {
  if (path.endsWith("/")) return files.stat(path) === "directory";
  return path !== "" && files.exists(path);
}

function matchesIn(directory: string, name: string, files: FileAccess): string[] {
  if (name === "") return files.stat(directory) === "directory" ? [""] : [];
  if (!MAGIC.test(name)) return files.exists(joinPath(directory, name)) ? [name] : [];
  const tokens = tokensOf(name);
  const hidden = name.startsWith(".");
  return files.list(directory === "" ? "." : directory).filter((entry) => {
    return (hidden || !entry.startsWith(".")) && matchesTokens(entry, tokens);
  });
}

/** Matches one character of a name. */
type CharTest = (char: string) => boolean;

/** What one part of a pattern is made of: single characters, and `*` for any number of them. */
type Token = CharTest | "*";

function matchesTokens(name: string, tokens: readonly Token[]): boolean {
  const chars = [...name];
  let at = 0;
  let token = 0;
  let star = -1;
  let starAt = 0;
  while (at < chars.length) {
    const test = tokens[token];
    if (test === "*") {
      star = token++;
      starAt = at;
    } else if (test?.(chars[at] ?? "")) {
      token++;
      at++;
    } else if (star >= 0) {
      // Only the last star needs to take more: those before it matched as early as possible.
      token = star + 1;
      at = ++starAt;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === "*");
}

/** Takes one part of a pattern apart. An unclosed `[` is an ordinary character. */
function tokensOf(pattern: string): Token[] {
  const chars = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? "";
    const end = char === "[" ? classEnd(chars, at) : -1;
    if (char === "*") tokens.push("*");
    else if (char === "?") tokens.push(() => true);
    else if (end < 0) tokens.push((other) => other === char);
    else {
      tokens.push(classTest(chars.slice(at + 1, end)));
      at = end;
    }
  }
  return tokens;
}

/** Index of the `]` that closes the class; a `]` in first place belongs to it. */
function classEnd(chars: readonly string[], open: number): number {
  return chars.indexOf("]", chars[open + 1] === "!" ? open + 3 : open + 2);
}

function classTest(content: readonly string[]): CharTest {
  const negated = content[0] === "!";
  const members = negated ? content.slice(1) : content;
  const tests: CharTest[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? "";
    const to = members[at + 1] === "-" ? members[at + 2] : undefined;
    if (to === undefined) tests.push((char) => char === from);
    else {
      tests.push((char) => codePoint(from) <= codePoint(char) && codePoint(char) <= codePoint(to));
      at += 2;
    }
  }
  return (char) => tests.some((test) => test(char)) !== negated;
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0;
}
