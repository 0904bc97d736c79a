import { levelName } from "../log/levels.ts";
import { repr, str } from "../pyvalue/repr.ts";
import { type PyError, PyTuple, type PyValue, toNumber } from "../pyvalue/value.ts";
import { plainText } from "./plain-text.ts";
import { profileTree } from "./profile-view.ts";
import { historyTable, searchTree, whyTree } from "./record-views.ts";
import { allSourcesTree, sourcesTree } from "./source-view.ts";
import { jailStatsTable, statsTable } from "./stats-table.ts";
import { jailStatus, serverStatus } from "./status-tree.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

/**
 * The server's answer to a command as a person reads it. The words of the command alone decide the form; answers
 * without a form of their own are shown as Python shows the value.
 *
 * @param utf8 whether the output can show box characters
 * @throws UnexpectedAnswer when the answer does not have the shape that the form needs
 */
export function beautify(command: readonly PyValue[], answer: PyValue, utf8 = true): string {
  const plain = plainText(command, answer);
  if (plain !== null) return plain;
  const words = command.map((word) => str(word));
  switch (words[0]) {
    case "echo":
      return list(answer).map(str).join(" ");
    case "add":
      return `Added jail ${str(answer)}`;
    case "flushlogs":
      return `logs: ${str(answer)}`;
    case "start":
      return answer === null ? "Jail started" : str(answer);
    case "stop":
      if (answer !== null) return str(answer);
      return words.length > 1 ? "Jail stopped" : "Shutdown successful";
    case "status":
      return status(words, answer, utf8);
    case "stats":
    case "statistics":
      return statsTable(answer, utf8);
    case "problems":
      return problems(answer);
    case "search":
      return searchTree(words[1] ?? "", answer);
    case "history":
      return historyTable(answer);
    case "why":
      return whyTree(answer);
    case "profile":
      return profileTree(answer, words[1]);
    case "get":
    case "set":
      return setting(words, answer);
    default:
      return str(answer);
  }
}

/** What is printed when an answer has an unexpected shape. */
export function printUnexpected(answer: PyValue): string {
  return repr(answer) + repr(answer);
}

/** The text printed for a command that the server refused. */
export function beautifyError(error: PyError): string {
  const name = str(error.args[0] ?? null);
  switch (error.className) {
    case "UnknownJailException":
      return `Sorry but the jail '${name}' does not exist`;
    case "DuplicateJailException":
      return `The jail '${name}' already exists`;
    case "IndexError":
      return "Sorry but the command is invalid";
    case "SyntaxError":
      return syntaxError(error);
    default:
      return str(error);
  }
}

/** `invalid syntax (<string>, line 1)`: the text, and of its details the file and the line. */
function syntaxError(error: PyError): string {
  const [text, details] = error.args;
  if (text === undefined || !(details instanceof PyTuple)) return str(error);
  const [file, line] = details.items;
  return `${str(text)} (${str(file ?? null)}, line ${str(line ?? null)})`;
}

/** The arguments of an exception as they are logged: `('Invalid command',)`. */
export function errorArguments(error: PyError): string {
  // An error of the system keeps the file name apart from its arguments.
  const named = error.args.length === 3 && /(?:OS|File\w+|Permission|Directory)Error$/.test(error.className);
  return repr(new PyTuple(...(named ? error.args.slice(0, 2) : error.args)));
}

function status(words: readonly string[], answer: PyValue, utf8: boolean): string {
  const [, jail, flavour] = words;
  if (jail === undefined) return serverStatus(answer);
  if (flavour === "sources") return jail === "--all" ? allSourcesTree(answer) : sourcesTree(jail, answer);
  if (jail === "--all") return answer instanceof Map ? statsTable(answer, utf8) : serverStatus(answer);
  return flavour === "stats" ? jailStatsTable(jail, answer, utf8) : jailStatus(jail, answer);
}

function problems(answer: PyValue): string {
  if (!(answer instanceof Map)) throw new UnexpectedAnswer();
  return [...answer].map(([jail, reason]) => `${str(jail)}: ${str(reason)}`).join("\n") || "No problems";
}

function setting(words: readonly string[], answer: PyValue): string {
  switch (words[1]) {
    case "loglevel":
      return `Current logging level is '${typeof answer === "number" ? levelName(answer) : str(answer)}'`;
    case "logtarget":
      return `Current logging target is:\n\`- ${str(answer)}`;
    case "syslogsocket":
      return `Current syslog socket is:\n\`- ${str(answer)}`;
    case "dbfile":
      return answer === null ? NO_DATABASE : `Current database file is:\n\`- ${str(answer)}`;
    case "dbpurgeage":
      if (answer === null) return NO_DATABASE;
      return `Current database purge age is:\n\`- ${Math.trunc(toNumber(answer))}seconds`;
    default:
      return jailSetting(words, answer);
  }
}

const NO_DATABASE = "Database currently disabled";

function jailSetting(words: readonly string[], answer: PyValue): string {
  const [verb, jail = "", option, argument] = words;
  switch (option) {
    case "logpath":
    case "addlogpath":
    case "dellogpath":
      return bullets(answer, "Current monitored log file(s):", "No file is currently monitored");
    case "logencoding":
      return `Current log encoding is set to:\n${str(answer)}`;
    case "journalmatch":
    case "addjournalmatch":
    case "deljournalmatch":
      return journalMatch(answer);
    case "datepattern":
      return `Current date pattern set to: ${datePattern(answer)}`;
    case "ignoreip":
    case "addignoreip":
    case "delignoreip":
      return bullets(answer, "These IP addresses/networks are ignored:", "No IP address/network is ignored");
    case "failregex":
    case "addfailregex":
    case "delfailregex":
    case "ignoreregex":
    case "addignoreregex":
    case "delignoreregex": {
      const numbered = list(answer).map((regex, i) => `[${i}]: ${str(regex)}`);
      return bullets(
        numbered,
        "The following regular expression are defined:",
        "No regular expression is defined",
      );
    }
    case "actions":
      return named(answer, `The jail ${jail} has the following actions:`, `No actions for jail ${jail}`);
    case "actionproperties":
    case "actionmethods": {
      const kind = option.slice("action".length);
      const action = `jail ${jail} action ${argument ?? ""}`;
      return named(answer, `The ${action} has the following ${kind}:`, `No ${kind} for ${action}`);
    }
    case "banip":
      return verb === "get" ? list(answer).map(str).join(separator(argument)) : str(answer);
    default:
      return str(answer);
  }
}

function separator(argument: string | undefined): string {
  if (argument === undefined) return " ";
  return argument === "--with-time" ? "\n" : argument;
}

function list(answer: PyValue): readonly PyValue[] {
  if (Array.isArray(answer)) return answer;
  if (answer instanceof PyTuple) return answer.items;
  throw new UnexpectedAnswer();
}

function bullets(answer: PyValue, heading: string, none: string): string {
  const items = list(answer);
  if (items.length === 0) return none;
  const lines = items.map((item, i) => `${i === items.length - 1 ? "`- " : "|- "}${str(item)}`);
  return [heading, ...lines].join("\n");
}

function named(answer: PyValue, heading: string, none: string): string {
  const items = list(answer);
  return items.length === 0 ? none : `${heading}\n${items.map(str).join(", ")}`;
}

function journalMatch(answer: PyValue): string {
  const matches = list(answer).map((match) => list(match).map(str).join(" "));
  return matches.length === 0
    ? "No journal match filter set"
    : `Current match filter:\n${matches.join(" + ")}`;
}

function datePattern(answer: PyValue): string {
  if (answer === null) return "Not set/required";
  const [pattern, name] = list(answer);
  return pattern === null ? str(name ?? null) : `${str(pattern ?? null)} (${str(name ?? null)})`;
}
