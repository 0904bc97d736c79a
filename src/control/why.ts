import { Filter } from "../detect/filter.ts";
import type { Finding } from "../detect/finding.ts";
import type { Jail } from "../jail/jail.ts";
import type { Jails } from "../jail/jails.ts";
import { LogHub } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import type { Clock } from "../time/clock.ts";
import { text, texts } from "./arguments.ts";
import { dictionary } from "./search.ts";

/**
 * `why JAIL LINE`: what a line would do in a jail now, without doing it. A dictionary with `verdict`, and where
 * they are known `time` (whole seconds since 1970 UTC), `failregex`, `ignoreregex` (index and expression), `id` and
 * `captured`.
 */
export async function why(command: readonly PyValue[], jails: Jails, clock: Clock): Promise<PyValue> {
  const jail = jails.get(text(command, 1));
  text(command, 2);
  const line = texts(command, 2).join(" ");
  const filter = copyOf(jail, clock);
  const answer = dictionary({ jail: jail.name, line });
  let findings: readonly Finding[] = [];
  let ignored: readonly { readonly regex: number }[] = [];
  filter.examineLines([line], { inOperation: true }, (_, report) => {
    ({ findings, ignored } = report);
  });
  const time = filter.timeOf(line);
  if (time !== null) answer.set("time", Math.floor(time));
  const [first] = ignored;
  if (first)
    return answer.set("ignoreregex", numbered(filter.ignoreRegex(), first.regex)).set("verdict", IGNORED);
  const [finding] = findings;
  if (!finding) return answer.set("verdict", noMatch(filter));
  answer.set("failregex", numbered(filter.failRegex(), finding.regex));
  if (finding.subject === null) return answer.set("verdict", "it matches, but nobody is blamed for it");
  if ("hostName" in finding.subject) {
    const { hostName } = finding.subject;
    return answer.set("id", hostName).set("verdict", `counts for the addresses of the host ${hostName}`);
  }
  const { id } = finding.subject;
  answer.set("id", id.text).set("captured", captured(finding));
  if (finding.verdict !== "failure") return answer.set("verdict", "it matches, but is no failure by itself");
  return answer.set("verdict", await consequence(jail, id, finding.time, clock.now()));
}

const IGNORED = "passed over: it matches an ignoreregex";

type IdentifierOf = NonNullable<Extract<Finding["subject"], { id: unknown }>>["id"];

async function consequence(jail: Jail, id: IdentifierOf, time: number | null, now: number): Promise<string> {
  if (await jail.isIgnored(id)) return `passed over: ${id.text} is ignored by this jail`;
  const { findTime, maxRetry } = jail.limits;
  if (time !== null && time < now - findTime) {
    return `passed over: it is older than findtime (${findTime} seconds)`;
  }
  const subject = await jail.subjectOf(id);
  const before = jail.failures.get(subject)?.retry ?? 0;
  const banned = jail.isBanned(id) ? `; ${id.text} is banned already` : "";
  const verb = jail.policy.rules.dryrun ? "would ban" : "bans";
  if (before + 1 >= maxRetry) return `${verb} ${subject.text}: failure ${before + 1} of ${maxRetry}${banned}`;
  return `counts as failure ${before + 1} of ${maxRetry} of ${subject.text}${banned}`;
}

function noMatch(filter: Filter): string {
  const pref = filter.prefRegex === "" ? "" : ", or not the prefregex";
  return `nothing: it matches none of the ${filter.failRegex().length} failregexes${pref}`;
}

function numbered(list: readonly string[], index: number): PyValue {
  return [index, list[index] ?? null];
}

function captured({ data }: Finding): PyValue {
  const texts = Object.entries(data).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return dictionary(Object.fromEntries(texts));
}

/** A filter with the jail's settings and no memory of earlier lines. */
function copyOf(jail: Jail, clock: Clock): Filter {
  const { filter } = jail;
  const log = new LogHub(() => {}).logger("filter");
  const copy = new Filter({ jail: jail.name, clock, log, checkTimes: false });
  copy.useDns = filter.useDns;
  copy.maxLines = filter.maxLines;
  if (filter.prefRegex !== "") copy.prefRegex = filter.prefRegex;
  for (const regex of filter.failRegex()) copy.addFailRegex(regex);
  for (const regex of filter.ignoreRegex()) copy.addIgnoreRegex(regex);
  if (filter.datePattern !== null) copy.datePattern = filter.datePattern;
  if (filter.logTimeZone !== null) copy.logTimeZone = filter.logTimeZone;
  return copy;
}
