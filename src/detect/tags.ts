/**
 * Replaces the tags of a filter expression (`<HOST>`, `<F-USER>…</F-USER>`, `<SKIPLINES>`, …) by regular
 * expression text. Unknown tags stay as they are.
 *
 * @param useDns with `no`, `<HOST>` accepts addresses only
 * @param onTag told of each tag, where it stands, and what takes its place
 * @example expandTags("from <ADDR> port <F-PORT/>", "warn")
 */
export function expandTags(
  expression: string,
  useDns: UseDns,
  onTag?: (tag: string, at: number, replacement: string) => void,
): string {
  const opened = new Set<string>();
  let skips = 0;
  const replacementOf = (tag: string, slash: string, name: string, selfClosing: string) => {
    if (slash) {
      if (selfClosing || !opened.has(name)) return tag;
      return ")";
    }
    if (name === "SKIPLINES" && !selfClosing) return `\\n(?P<skiplines${skips++}>(?:[^\\n]*\\n)*?)`;
    if (name === "HOST" && !selfClosing) return useDns === "no" ? ADDRESS : HOST;
    const fixed = selfClosing ? SELF_CLOSING[name] : PLAIN[name];
    if (fixed !== undefined) return fixed;
    const group = selfClosing ? null : groupName(name);
    if (group === null) return tag;
    opened.add(name);
    return `(?P<${group}>`;
  };
  return expression.replace(
    TAG,
    (tag: string, slash: string, name: string, selfClosing: string, at: number) => {
      const replacement = replacementOf(tag, slash, name, selfClosing);
      onTag?.(tag, at, replacement);
      return replacement;
    },
  );
}

/** How host names in log lines are treated. */
export type UseDns = "yes" | "warn" | "no" | "raw";

/**
 * Moves flags that stand at the beginning of a group into the group, where the syntax wants them:
 * `((?i)abc)` becomes `(?i:abc)`.
 */
export function scopeInlineFlags(expression: string): string {
  return expression.replace(FLAGS_IN_GROUP, (_, before: string, flags: string) => `${before}(?${flags}:`);
}

const TAG = /<(\/?)([\w-]+)(\/?)>/g;
const FLAGS_IN_GROUP = /((?:^|[^\\])(?:\\\\)*)\((?:\?:)?\(\?([a-zA-Z]+)\)/g;

// `\d` and `\w` have Python's meaning here. The range of the numbers is not checked: what is no valid address
// still counts, as an identifier of its own.
const IP4 = "(?:::f{4,6}:)?(?P<ip4>\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})";
const IP6 = "(?P<ip6>(?:[0-9A-Fa-f]{1,4}::?|:){1,7}(?:[0-9A-Fa-f]{1,4}|(?<=:):))";
const NAME = "(?P<dns>[\\w.^_-]*\\w)";
const PREFIX = "(?P<cidr>\\d+)";
const ADDRESS = `\\[?(?:${IP4}|${IP6})\\]?`;
const HOST = `(?:${ADDRESS}|${NAME})`;
const SUBNET = `\\[?(?:${IP4}|${IP6})(?:/${PREFIX})?\\]?`;

const PLAIN: Readonly<Record<string, string>> = {
  IP4,
  IP6,
  ADDR: ADDRESS,
  DNS: NAME,
  CIDR: PREFIX,
  SUBNET,
};

const SELF_CLOSING: Readonly<Record<string, string>> = {
  "F-IP4": IP4,
  "F-IP6": IP6,
  "F-ADDR": ADDRESS,
  "F-DNS": NAME,
  "F-CIDR": PREFIX,
  "F-SUBNET": SUBNET,
  "F-ID": "(?P<fid>\\S+)",
  "F-PORT": "(?P<fport>\\w+)",
};

function groupName(tag: string): string | null {
  const name = /^F-([A-Z0-9_-]+)$/.exec(tag)?.[1];
  return name === undefined ? null : dataName(name.toLowerCase());
}

/** The name under which a captured group is kept: `id` is `fid`, `port` is `fport`, all others as they are. */
export function dataName(group: string): string {
  if (group === "id") return "fid";
  return group === "port" ? "fport" : group;
}
