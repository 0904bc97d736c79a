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
  const whole = WHOLE.exec(script);
  if (!whole) return script;
  const [, word = "", body = ""] = whole;
  for (const branch of branches(body)) {
    if (branch.trim() === "") continue;
    const parts = /^\s*\(?([^()\s]+)\)([\s\S]*)$/.exec(branch);
    const [, patterns = "", commands = ""] = parts ?? [];
    const expressions = patterns.split("|").map(globExpression);
    if (!parts || expressions.includes(null)) return script;
    if (expressions.some((expression) => expression?.test(word))) return commands.trim();
  }
  return script;
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

/** Expressions of patterns seen; a command has few, and comes with every ban. */
const known = new Map<string, RegExp | null>();
const MOST_KNOWN = 1000;

function globExpression(pattern: string): RegExp | null {
  let expression = known.get(pattern);
  if (expression !== undefined) return expression;
  if (known.size >= MOST_KNOWN) known.clear();
  expression = translate(pattern);
  known.set(pattern, expression);
  return expression;
}

function translate(pattern: string): RegExp | null {
  if (!PATTERN.test(pattern)) return null;
  const source = pattern.replaceAll(/\[!?|[*?.]/g, (part) => {
    if (part === "[!") return "[^";
    return { "*": "[\\s\\S]*", "?": "[\\s\\S]", "[": "[" }[part] ?? `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
