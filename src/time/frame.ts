/** Not in the middle of a word. */
export const START_BOUNDARY = "(?!\\B\\w)";
export const END_BOUNDARY = START_BOUNDARY;

/** What {@link frame} makes of an expression. */
export interface Framed {
  /** The expression with boundaries; group 1 is the date part. */
  readonly regex: string;
  readonly anchored: boolean;
  readonly wrapped: boolean;
  /** The marker `{^LN-BEG}` was there and meant something. */
  readonly lineBegin: boolean;
}

const OWN_BEGIN = /^(?:\((?:\?:)?)*\^/;
const UNBOUND_BEGIN = /^((?:\((?:\?:)?)*)\*\*/;
const OWN_END = /(?:\$\)?|\\b|\\s)$/;
const INLINE_FLAGS = /\(\?[a-zA-Z]+\)/;
const PLAIN_GROUP = /^(?:[^\\([]|\\.|\(\?|\[\^?\]?(?:\\.|[^\\\]])*\])*\((?!\?)/s;

/**
 * Puts an expression for a date between boundaries, so that it does not match in the middle of words or
 * numbers, and marks the date part.
 *
 * @param pattern expression of Python's dialect, perhaps with the markers `{UNB}` or `{^LN-BEG}` in front and
 *   `**` at its ends
 */
export function frame(pattern: string, { ignoreCase }: { ignoreCase: boolean }): Framed {
  const unbounded = pattern.startsWith("{UNB}");
  const marked = !unbounded && pattern.startsWith("{^LN-BEG}");
  const bare = pattern.slice(unbounded ? "{UNB}".length : marked ? "{^LN-BEG}".length : 0);
  // Flags are put in front before blanks are stripped, as in the reference; some patterns depend on it.
  const flagged = `${ignoreCase ? "(?i)" : ""}${bare}`.trim();
  const flags = INLINE_FLAGS.exec(flagged)?.[0] ?? "";
  const body = flagged.replace(flags, "");
  const ownBegin = OWN_BEGIN.test(body);
  const freeBegin = UNBOUND_BEGIN.test(body);
  const lineBegin = marked && !ownBegin && !freeBegin;
  const before = unbounded || ownBegin || freeBegin ? "" : lineBegin ? "^\\W{0,2}" : START_BOUNDARY;
  const freeEnd = body.endsWith("**");
  const ownEnd = OWN_END.test(body) && !isEscaped(body);
  const after = unbounded || freeEnd || ownEnd ? "" : END_BOUNDARY;
  const core = body.replace(UNBOUND_BEGIN, "$1").replace(/\*\*$/, "");
  const own = PLAIN_GROUP.test(core);
  return {
    regex: `${flags}${before}${own ? `(?:${core})` : wrap(core)}${after}`,
    anchored: lineBegin || isAnchored(core, own),
    wrapped: !own,
    lineBegin,
  };
}

/**
 * Whether an expression matches at an end of a line only, as far as the reference notices. In one with a group of its own
 * it looks into a group that stands at the end, but not at the alternatives there.
 */
function isAnchored(core: string, own: boolean): boolean {
  const head = own && core.startsWith("(") ? core.slice(1) : core;
  const tail = own && core.endsWith(")") ? core.slice(0, -1) : core;
  const begins = head.startsWith("^") && !(own && head.startsWith("^|"));
  const ends = tail.endsWith("$") && !(own && tail.endsWith("|$"));
  return begins || (ends && !isEscaped(core));
}

/** Makes group 1 of the expression; a plain anchor at either end stays outside. */
function wrap(core: string): string {
  const begin = core.startsWith("^") ? "^" : "";
  const end = core.endsWith("$") && !isEscaped(core) ? "$" : "";
  return `${begin}(${core.slice(begin.length, core.length - end.length)})${end}`;
}

/** Whether the last character of the expression is escaped. */
function isEscaped(regex: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\\$\)?$/.test(regex);
}
