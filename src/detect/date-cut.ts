/**
 * Where the date is cut out of a line. The expressions see the line without its date, so a text they need may
 * stand on both sides of the date in the line itself.
 */
export type DateCut =
  /** At the start, after at most two characters that are no word characters. */
  | "start"
  /** Anywhere; what follows is no word character. */
  | "before non-word"
  /** Anywhere. */
  | "anywhere";

/** Where a date pattern (one or more lines; `null`: the default templates) cuts at most. */
export function cutOf(datePattern: string | null): DateCut {
  if (datePattern === null) return "before non-word";
  const lines = datePattern
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const cuts = lines.map(cutOfLine);
  if (cuts.includes("anywhere")) return "anywhere";
  return cuts.length > 0 && cuts.every((cut) => cut === "start") ? "start" : "before non-word";
}

function cutOfLine(line: string): DateCut {
  if (line === "{NONE}" || line === "{^LN-BEG}") return "start";
  if (line === "{DEFAULT}") return "before non-word";
  // A group of its own decides what is cut out, and `{UNB}` and `**` take away the boundaries.
  if (line.includes("{UNB}") || line.includes("**") || OWN_GROUP.test(line)) return "anywhere";
  if (line.includes("|")) return "anywhere";
  if (ANCHORED.test(line)) return "start";
  return WORD_AT_END.test(line) ? "before non-word" : "anywhere";
}

const OWN_GROUP = /(?:^|[^\\])(?:\\\\)*\((?!\?)/;
const ANCHORED = /^(?:\{\^LN-BEG\}|\^)/;
/** Behind a word character the end of a date must be the end of a word. */
const WORD_AT_END = /(?:(?:^|[^\\])[A-Za-z0-9_]|\{L?EPOCH\})$/i;
