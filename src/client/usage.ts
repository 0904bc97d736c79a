import { FAIL2BAN_VERSION } from "../version.ts";
import { COMMANDS } from "./command-table.ts";

/** Where explanations of options begin, counted from 0. */
const OPTION_COLUMN = 28;
/** Where explanations of commands begin, and how wide they are. */
const COMMAND_COLUMN = 45;
const COMMAND_WIDTH = 34;

const OPTIONS: readonly (readonly [names: string, explanation: string])[] = [
  ["-c, --conf <DIR>", "read the configuration from this directory"],
  ["-s, --socket <FILE>", "talk over this socket"],
  ["-p, --pidfile <FILE>", "keep the server's process number in this file"],
  ["--pname <NAME>", "process name of the server (fail2ban-server if not given)"],
  ["--loglevel <LEVEL>", "how much the server logs"],
  [
    "--logtarget <TARGET>",
    "where the server logs to: a file, STDOUT, STDERR, SYSOUT, SYSLOG or SYSTEMD-JOURNAL",
  ],
  ["--syslogsocket auto|<FILE>", "socket of syslog"],
  ["-d", "print the commands that the configuration amounts to"],
  ["--dp, --dump-pretty", "the same, long commands broken into lines"],
  ["-t, --test", "check the configuration, then go on with the command if there is one"],
  ["--strict", "with -t: warnings fail the test, too"],
  ["--json", "answers of commands that ask, and what -t finds, as JSON"],
  ["-i", "read commands line by line"],
  ["-v", "say more, can be repeated"],
  ["-q", "say less"],
  ["-x", "start although the socket exists (it is replaced)"],
  ["-b", "let the server run in the background, which it does anyway"],
  ["-f", "keep the server in the foreground"],
  ["--async", "internal: the server waits to be configured"],
  ["--timeout <TIME>", "how long to wait for the server"],
  ["--str2sec <TIME>", "print a time such as 1d12h in seconds"],
  ["-h, --help", "print this text"],
  ["-V, --version", "print the version (-V: the number alone)"],
];

/** Two lines that say what this is. */
export function banner(): string {
  return `Fail2Ban v${FAIL2BAN_VERSION} watches logs for repeated failures\nand bans the addresses behind them.`;
}

/**
 * The text of `--help`.
 *
 * @param program name of the program; one that ends in `server` shows no commands
 */
export function usage(program: string): string {
  const isServer = program.endsWith("server");
  const lines = [`Usage: ${program} [OPTIONS]${isServer ? "" : " <COMMAND>"}`, "", banner(), "", "Options:"];
  for (const [names, explanation] of OPTIONS) lines.push(`    ${names}`.padEnd(OPTION_COLUMN) + explanation);
  if (!isServer) lines.push("", "Command:", ...commandLines());
  lines.push("", "Report bugs to the issue tracker of fail2ban-ts", "");
  return lines.join("\n");
}

function commandLines(): string[] {
  return COMMANDS.flatMap(({ heading, commands }, i) => [
    ...(i === 0 ? [] : [""]),
    " ".repeat(COMMAND_COLUMN) + heading,
    ...commands.flatMap(([command, explanation]) => commandLine(command, explanation)),
  ]);
}

function commandLine(command: string, explanation: string): string[] {
  const [first = "", ...rest] = wrap(explanation, COMMAND_WIDTH);
  const indent = " ".repeat(COMMAND_COLUMN);
  const start = `    ${command}`;
  const lines =
    start.length < COMMAND_COLUMN ? [start.padEnd(COMMAND_COLUMN) + first] : [start, indent + first];
  return [...lines, ...rest.map((line) => indent + line)];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
