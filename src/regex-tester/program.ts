import { help, usage } from "./help.ts";
import { OptionError, parseOptions, type TesterOptions } from "./options.ts";
import { runTest, type TesterEnvironment } from "./tester.ts";
import { TesterError } from "./tester-error.ts";

/** What the program is run with. */
export interface ProgramEnvironment extends Omit<TesterEnvironment, "print"> {
  /** Path of the program, as its help shows it. */
  readonly program: string;
  readonly version: string;
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
}

const FAILURE = 255;
const WRONG_OPTION = 2;

/** `fail2ban-regex`: runs the program and returns its exit code. */
export async function runProgram(argv: readonly string[], environment: ProgramEnvironment): Promise<number> {
  const { program, out, err } = environment;
  let options: TesterOptions;
  try {
    options = parseOptions(argv);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    out("\n");
    err(`${usage(program)}\nfail2ban-regex: error: ${error.message}\n`);
    return WRONG_OPTION;
  }
  if (options.only) {
    out(onlyText(options.only, environment));
    return 0;
  }
  const complaint = complaintAbout(options);
  if (complaint) {
    out(help(program));
    err(`\nERROR: ${complaint}\n`);
    return FAILURE;
  }
  return test(options, environment);
}

function onlyText(
  what: NonNullable<TesterOptions["only"]>,
  { program, version }: ProgramEnvironment,
): string {
  if (what === "help") return help(program);
  return what === "version" ? `fail2ban-regex ${version}\n` : `${version}\n`;
}

function complaintAbout(options: TesterOptions): string | null {
  if (options.printNoMissed && options.printAllMissed) {
    return "--print-no-missed and --print-all-missed are mutually exclusive.";
  }
  if (options.printNoIgnored && options.printAllIgnored) {
    return "--print-no-ignored and --print-all-ignored are mutually exclusive.";
  }
  if (options.explain && options.out !== null) return "--explain and --out are mutually exclusive.";
  const count = options.words.length;
  if (options.task === "lint") return count === 1 ? null : "provide <REGEX>.";
  return count === 2 || count === 3 ? null : "provide both <LOG> and <REGEX>.";
}

async function test(options: TesterOptions, environment: ProgramEnvironment): Promise<number> {
  const { out, err } = environment;
  try {
    const print = (line: string) => out(`${line}\n`);
    if (options.task !== null)
      return (await import("./tasks.ts")).runTask(options, { ...environment, print });
    await runTest(options, { ...environment, print });
    return 0;
  } catch (error) {
    if (!(error instanceof TesterError)) throw error;
    (error.toStderr ? err : out)(`${error.message}\n`);
    return error.exitCode;
  }
}
