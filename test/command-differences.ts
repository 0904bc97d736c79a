import { isDeepStrictEqual } from "node:util";
import type { PyValue } from "../src/pyvalue/value.ts";

/** An answer in Python notation without what differs between two servers by nature: folders, times, places in expressions. */
export function normalize(answer: string, ...folders: readonly string[]): string {
  return folders
    .reduce((text, folder) => text.replaceAll(folder, "{DIR}"), answer)
    .replace(/at position \d+/, "at position {N}")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "{TIME}");
}

/** A reason for which answers may differ, and what both then look like. Groups of the same name must agree. */
interface Difference {
  readonly reason: string;
  readonly command: (words: readonly string[]) => boolean;
  readonly ours: RegExp;
  readonly theirs: RegExp;
}

const any = () => true;
const TIMES =
  /^(?:findtime|bantime|bantime\.(?:maxtime|rndtime|factor|formula|multipliers)|timeout|dbpurgeage)$/;

/** All differences between our answers and those of the reference in its release 1.0.2. */
const DIFFERENCES: readonly Difference[] = [
  {
    reason: "1.0.2 fails with an error of its own where a jail exists already",
    command: ([name]) => name === "add",
    ours: /^DuplicateJailException/,
    theirs: /^NameError\("name 'noduplicates'/,
  },
  {
    reason: "too few words of a reload, which only clients send, are told in words of Python",
    command: ([name]) => name === "reload",
    ours: /^IndexError/,
    theirs: /^TypeError\("Server\.reloadJails\(\) missing/,
  },
  {
    reason: "a fault in JSON has the class ValueError and the same text",
    command: any,
    ours: /^ValueError\(['"](?<message>.+): line 1 column \d+ \(char (?<place>\d+)\)['"]\)$/,
    theirs: /^JSONDecodeError\(['"](?<message>.+?)['"], .*, (?<place>\d+)\)$/,
  },
  {
    reason: "text in the place of a stream of commands is refused, also when it is empty",
    command: ([name]) => name === "server-stream",
    ours: /^Exception\('Invalid command'\)$/,
    theirs: /^None$/,
  },
  {
    reason: "1.0.2 has no status of all jails",
    command: ([name, jail]) => name === "status" && jail === "--all",
    ours: /^\[\('Number of jail'/,
    theirs: /^UnknownJailException\('--all'\)/,
  },
  {
    reason: "arguments of a method that are no mapping: without the name of the reference's module",
    command: (words) => words[2] === "action",
    ours: /^TypeError\(.(?<what>\w+\(\) argument after .*)\)$/,
    theirs: /^TypeError\(.fail2ban\.server\.action\.CommandAction\.(?<what>\w+\(\) argument after .*)\)$/,
  },
  {
    reason:
      "the reference evaluates times as code, so it words differently what is none, and keeps what is wrong",
    command: (words) => words.some((word) => TIMES.test(word)),
    ours: /^(?:NameError|ValueError|SyntaxError)\(/,
    theirs: /^(?:NameError|ValueError|SyntaxError|TypeError)\(/,
  },
];

/** Why the answers to a command may differ, or `null` when they must not. */
export function differenceOf(command: readonly PyValue[], ours: string, theirs: string): string | null {
  const words = command.map((word) => (typeof word === "string" ? word : ""));
  const explains = (one: Difference) => {
    const [own, other] = [one.ours.exec(ours), one.theirs.exec(theirs)];
    return one.command(words) && own && other && isDeepStrictEqual(own.groups, other.groups);
  };
  return DIFFERENCES.find(explains)?.reason ?? null;
}
