import { accessScanner, type DateScanner, isoScanner, syslogScanner } from "./date-scan.ts";
import { epochTemplate } from "./epoch.ts";
import type { Feature } from "./line-features.ts";
import { patternTemplate } from "./pattern-template.ts";
import { tai64nTemplate } from "./tai64n.ts";
import type { DateTemplate } from "./template.ts";

/** One of the default forms of dates. */
interface Form {
  /** A pattern, or the name of a special form. */
  readonly pattern: string;
  /** Recognises the form without the expression. */
  readonly scanner?: DateScanner | null;
  /** The scanner can do so anywhere, where no other form can be in the line. */
  readonly scansAnywhere?: boolean;
  /** What a line must have so that the form can be in it; default: a clock time with colons. */
  readonly needs?: Feature;
}

/** The default forms in the order in which they are tried. They show in names of templates and in `{DATE}`. */
const FORMS: readonly Form[] = [
  {
    pattern: "%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?)%H:%M:%S(?:[.,]%f)?(?:\\s*%z)?",
    scanner: isoScanner,
  },
  { pattern: "(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", scanner: syslogScanner },
  { pattern: "(?:%a )?%b %d %ExY %k:%M:%S(?:\\.%f)?" },
  { pattern: "%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S" },
  {
    pattern: "%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?%H:%M:%S(?:\\.%f)?(?: %z)?",
    scanner: accessScanner,
    scansAnywhere: true,
  },
  { pattern: "%m/%d/%ExY:%H:%M:%S" },
  { pattern: "%m-%d-%ExY %k:%M:%S(?:\\.%f)?" },
  { pattern: "Epoch" },
  { pattern: "{^LN-BEG}%H:%M:%S" },
  { pattern: "^<%m/%d/%Exy@%H:%M:%S>" },
  { pattern: "%Exy%Exm%Exd  ?%H:%M:%S" },
  { pattern: "%b %d, %ExY %I:%M:%S %p" },
  { pattern: "^%b-%d-%Exy %k:%M:%S" },
  { pattern: "%ExY%Exm%Exd(?:-|T|  ?)%ExH:?%ExM:?%ExS(?:[.,]%f)?(?:\\s*%z)?", needs: "number" },
  { pattern: "(?:%Z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?" },
  { pattern: "(?:%z )?(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?" },
  { pattern: "TAI64N" },
];

/** How much a default form at the begin of a line is preferred to the same one elsewhere. */
const LINE_BEGIN_WEIGHT = 100;

let templates: readonly DateTemplate[] | undefined;

/** The 31 default templates: the forms tied to the begin of the line, then all of them as they are. */
export function defaultTemplates(): readonly DateTemplate[] {
  templates ??= [
    ...FORMS.filter(({ pattern }) => !/^(?:\^|\{\^LN-BEG\})/.test(pattern)).map(lineBeginTemplate),
    ...FORMS.map(anywhereTemplate),
  ];
  return templates;
}

function anywhereTemplate({
  pattern,
  scanner = null,
  scansAnywhere = false,
  needs = "clock",
}: Form): DateTemplate {
  const options = { scanner: scansAnywhere ? scanner : null, place: "only", needs } as const;
  return specialTemplate(pattern) ?? patternTemplate(pattern, options);
}

function lineBeginTemplate({ pattern, scanner = null, needs = "clock" }: Form): DateTemplate {
  const marked = `{^LN-BEG}${pattern}`;
  const options = { weight: LINE_BEGIN_WEIGHT, scanner, needs };
  return specialTemplate(marked, LINE_BEGIN_WEIGHT) ?? patternTemplate(marked, options);
}

/** A pattern for a date behind the first bracket. */
const BEHIND_BRACKET = /^\^\[\^\\?\[\]\*\\\[\(\{DATE\}\)$/i;

/** The templates for a pattern with `{DATE}`: one for each default form put in its place. */
export function embeddedTemplates(pattern: string): DateTemplate[] {
  const isBehindBracket = BEHIND_BRACKET.test(pattern);
  return FORMS.map((form) => {
    const bare = form.pattern.replace(/^\{[^}]*\}/, "");
    const whole = pattern.replaceAll(/\{DATE\}/gi, () => bare);
    const scanner = isBehindBracket && form.scanner ? form.scanner : null;
    return specialTemplate(whole) ?? patternTemplate(whole, { scanner, place: "bracket" });
  });
}

/** The template for `EPOCH`, `LEPOCH` or `TAI64N`, alone or behind `^` or `{^LN-BEG}`; null for other patterns. */
export function specialTemplate(pattern: string, weight = 1): DateTemplate | null {
  const match = /^(\^|\{\^LN-BEG\})?(EPOCH|LEPOCH|TAI64N)$/i.exec(pattern);
  if (!match) return null;
  const lineBegin = match[1] !== undefined;
  const kind = match[2]!.toUpperCase();
  return kind === "TAI64N"
    ? tai64nTemplate(lineBegin, weight)
    : epochTemplate(kind === "LEPOCH", lineBegin, weight);
}
