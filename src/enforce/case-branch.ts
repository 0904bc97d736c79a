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
  for (const branch of body.split(";;")) {
    if (branch.trim() === "") continue;
    const parts = /^\s*\(?([^()\s]+)\)([\s\S]*)$/.exec(branch);
    const [, patterns = "", commands = ""] = parts ?? [];
    const expressions = patterns.split("|").map(globExpression);
    if (!parts || expressions.includes(null)) return script;
    if (expressions.some((expression) => expression?.test(word))) return commands.trim();
  }
  return script;
}

function globExpression(pattern: string): RegExp | null {
  if (!PATTERN.test(pattern)) return null;
  const source = pattern.replaceAll(/\[!?|[*?.]/g, (part) => {
    if (part === "[!") return "[^";
    return { "*": "[\\s\\S]*", "?": "[\\s\\S]", "[": "[" }[part] ?? `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
