import type { FilterDefinition } from "../config/filter-definition.ts";
import { type NameWithOptions, OptionSyntaxError, parseNameWithOptions } from "../config/options.ts";
import { LEVELS, LogHub } from "../log/logger.ts";
import { findFilterSource } from "./filter-source.ts";
import { lint } from "./lint.ts";
import type { TesterOptions } from "./options.ts";
import { checkSamples } from "./sample-check.ts";
import { readSampleFile } from "./sample-file.ts";
import type { TesterEnvironment } from "./tester.ts";
import { TesterError } from "./tester-error.ts";

const FAILURE = 1;
const MERE_NAME = /^[\w./-]+(?:\[.*\])?$/s;

/**
 * What the tester does beside testing logs. Returns the exit code: 1 when something is wrong with the filter.
 *
 * @throws {TesterError} when the task cannot be done
 */
export function runTask(options: TesterOptions, environment: TesterEnvironment): number {
  return options.task === "lint" ? lintFilter(options, environment) : checkFile(options, environment);
}

function checkFile(options: TesterOptions, { clock, print }: TesterEnvironment): number {
  const [file = "", given = ""] = options.words;
  const { name: path, options: own } = parsedName(given);
  const hub = new LogHub(({ message }) => print(message), LEVELS.CRITICAL);
  const { passed, failed } = checkSamples(readSampleFile(file), {
    name: path.replace(/^.*\//, "").replace(/\.(?:conf|local)$/, ""),
    own,
    filterWith: (parameters) => filterNamed(withParameters(path, parameters), options, hub),
    clock,
    hub,
    print,
  });
  print(`${passed} passed, ${failed} failed`);
  return failed > 0 ? FAILURE : 0;
}

function parsedName(given: string): NameWithOptions {
  try {
    return parseNameWithOptions(given);
  } catch (error) {
    if (!(error instanceof OptionSyntaxError)) throw error;
    throw new TesterError(
      `ERROR: Wrong filter name or options: ${error.message}\n       while parsing: ${given}`,
    );
  }
}

function lintFilter(options: TesterOptions, { print }: TesterEnvironment): number {
  const [name = ""] = options.words;
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  const source = findFilterSource(name, { ...options, hub });
  // Nobody writes an expression without anything of one; a name may be mistyped.
  if (!source && MERE_NAME.test(name)) throw new TesterError(`ERROR: there is no filter ${name}`);
  const definition = source?.definition ?? { prefregex: undefined, failregex: [name], ignoreregex: [] };
  const remarks = lint(definition);
  for (const remark of remarks) print(remark);
  const count = remarks.length === 1 ? "1 remark" : `${remarks.length} remarks`;
  print(remarks.length === 0 ? "nothing to remark" : count);
  return remarks.length > 0 ? FAILURE : 0;
}

function filterNamed(name: string, options: TesterOptions, hub: LogHub): FilterDefinition {
  const source = findFilterSource(name, { ...options, hub });
  if (!source) throw new TesterError(`ERROR: there is no filter ${name}`);
  return source.definition;
}

/** The name with parameters in brackets. */
function withParameters(name: string, parameters: ReadonlyMap<string, string>): string {
  if (parameters.size === 0) return name;
  return `${name}[${[...parameters].map(([key, value]) => `${key}=${quoted(value)}`).join(", ")}]`;
}

function quoted(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
