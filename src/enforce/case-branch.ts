const WHOLE = /^\s*case\s+"([^"\\$`]*)"\s+in\s+([\s\S]*?)\s*\besac\s*$/;
/** Letters, digits and what file names are made of; `*`, `?` and one kind of brackets mean what they mean to a shell. */
const PATTERN = /^(?:[\w.:/,-]|[*?]|\[!?[\w.:/,-]+\])+$/;

/**
 * The branch that a script takes which is nothing but a `case` over a text without expansions. Any other
 * script, and one with patterns beyond `*`, `?` and `[…]`, is returned as it is.
 *
 * @example
 * caseBranch('case "192.0.2.1" in *:*) six;; *) four;; esac') // "four"
 */
export function caseBranch(script: string): string {
  const word = HEAD.exec(script)?.[1];
  if (word === undefined) return script;
  if (!ADDRESS.test(word)) return chosen(parse(script), word) ?? script;
  // The same command comes with address after address, and is taken apart once.
  const skeleton = script.replaceAll(word, PLACE);
  let parsed = skeletons.get(skeleton);
  if (parsed === undefined) {
    parsed = parse(skeleton);
    if (skeletons.size >= MOST_KNOWN) skeletons.clear();
    skeletons.set(skeleton, parsed);
  }
  // A pattern may hold the address itself.
  if (parsed === null) return chosen(parse(script), word) ?? script;
  return chosen(parsed, word)?.replaceAll(PLACE, word) ?? script;
}

/** One branch: what its patterns match, and its commands. */
interface Branch {
  readonly patterns: readonly RegExp[];
  readonly commands: string;
}

/** Stands for the address; no script holds it. */
const PLACE = "\0";
const HEAD = /^\s*case\s+"([^"\\$`]*)"\s+in\b/;
/** Nothing in such a word can be a part of the structure. */
const ADDRESS = /^[0-9a-f]*[.:][0-9a-f.:/]*$/;
const MOST_KNOWN = 1000;
const skeletons = new Map<string, readonly Branch[] | null>();

function chosen(branchesOfCase: readonly Branch[] | null, word: string): string | null {
  const branch = branchesOfCase?.find(({ patterns }) => patterns.some((pattern) => pattern.test(word)));
  return branch?.commands ?? null;
}

function parse(script: string): Branch[] | null {
  const [, , body] = WHOLE.exec(script) ?? [];
  if (body === undefined) return null;
  const found: Branch[] = [];
  for (const branch of branches(body)) {
    if (branch.trim() === "") continue;
    const [, list, commands = ""] = /^\s*\(?([^()\s]+)\)([\s\S]*)$/.exec(branch) ?? [];
    const patterns = (list ?? "").split("|").map(globExpression);
    if (list === undefined || !patterns.every((pattern) => pattern !== null)) return null;
    found.push({ patterns, commands: commands.trim() });
  }
  return found;
}

/** Where a `case` inside a branch begins and ends, and where a branch ends. */
const STRUCTURE = /(?:^|[\n;&|{()]|\b(?:do|then|else))\s*\bcase\b|(?:[\n;]|^)\s*esac\b|;;/g;

/** Nothing when the parts cannot be told apart. */
function branches(body: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: part, index } of body.matchAll(STRUCTURE)) {
    if (part.endsWith("case")) depth++;
    else if (part.endsWith("esac")) depth--;
    else if (depth === 0) {
      found.push(body.slice(start, index));
      start = index + part.length;
    }
    if (depth < 0) return [];
  }
  return depth === 0 ? [...found, body.slice(start)] : [];
}

function globExpression(pattern: string): RegExp | null {
  if (!PATTERN.test(pattern)) return null;
  const source = pattern.replaceAll(/\[!?|[*?.]/g, (part) => {
    if (part === "[!") return "[^";
    return { "*": "[\\s\\S]*", "?": "[\\s\\S]", "[": "[" }[part] ?? `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
