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
  return word === undefined ? script : (chosen(parse(script), word) ?? script);
}

/** Stands for an address in the form that commands share which differ in nothing but an address; no script holds it. */
export const PLACE = "\0";

/**
 * The same for a form: the branch for this address, with {@link PLACE} where the address stands; `null` when that
 * cannot be told. A form is taken apart only once.
 *
 * @param address one that has nothing in it that could be a part of the structure
 */
export function caseBranchOfForm(form: string, address: string): string | null {
  const word = HEAD.exec(form)?.[1];
  if (word === undefined) return form;
  if (word !== PLACE) return null;
  let parsed = forms.get(form);
  if (parsed === undefined) {
    parsed = parse(form);
    if (forms.size >= MOST_KNOWN) forms.clear();
    forms.set(form, parsed);
  }
  return chosen(parsed, address);
}

/** One branch: what its patterns match, and its commands. */
interface Branch {
  readonly patterns: readonly RegExp[];
  readonly commands: string;
}

const HEAD = /^\s*case\s+"([^"\\$`]*)"\s+in\b/;
const MOST_KNOWN = 1000;
const forms = new Map<string, readonly Branch[] | null>();

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
