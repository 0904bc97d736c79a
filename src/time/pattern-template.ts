import type { DatePlace } from "./date-place.ts";
import type { DateScanner } from "./date-scan.ts";
import { frame } from "./frame.ts";
import type { Feature } from "./line-features.ts";
import { DateTemplate } from "./template.ts";
import { expandTokens } from "./tokens.ts";

/** What is known about a pattern besides its text. */
export interface PatternOptions {
  readonly weight?: number;
  readonly scanner?: DateScanner | null;
  readonly place?: DatePlace;
  readonly needs?: Feature | null;
}

/**
 * Makes a template of a pattern with `%` tokens and, perhaps, the markers `{UNB}`, `{^LN-BEG}` and `**`.
 *
 * @throws {PyError} a `TypeError` when a percent sign begins no token. Other faults show at the first search.
 */
export function patternTemplate(pattern: string, options: PatternOptions = {}): DateTemplate {
  const expanded = expandTokens(pattern);
  const framed = frame(expanded.regex, expanded);
  const bare = expanded.name.replace(/^\{(?:UNB|\^LN-BEG)\}/, "");
  return new DateTemplate({
    ...framed,
    name: framed.lineBegin ? `{^LN-BEG}${bare}` : bare,
    pattern,
    weight: options.weight ?? 1,
    scanner: options.scanner ?? null,
    place: options.place ?? "line",
    needs: options.needs ?? null,
  });
}
