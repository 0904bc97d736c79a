import type { FilterDefinition } from "../config/filter-definition.ts";
import { LEVELS, LogHub } from "../log/logger.ts";
import { findFilterSource } from "./filter-source.ts";
import { lint } from "./lint.ts";
import type { TesterOptions } from "./options.ts";
import { checkSamples } from "./sample-check.ts";
import { readSampleFile } from "./sample-file.ts";
import type { TesterEnvironment } from "./tester.ts";
import { TesterError } from "./tester-error.ts";

const FAILURE = 1;

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
  const name = given
    .replace(/\[.*$/s, "")
    .replace(/^.*\//, "")
    .replace(/\.(?:conf|local)$/, "");
  const hub = new LogHub(({ message }) => print(message), LEVELS.CRITICAL);
  const { passed, failed } = checkSamples(readSampleFile(file), {
    name,
    filterWith: (parameters) => filterNamed(withParameters(given, parameters), options, hub),
    clock,
    hub,
    print,
  });
  print(`${passed} passed, ${failed} failed`);
  return failed > 0 ? FAILURE : 0;
}

function lintFilter(options: TesterOptions, { print }: TesterEnvironment): number {
  const [name = ""] = options.words;
  const hub = new LogHub(() => {}, LEVELS.CRITICAL);
  const source = findFilterSource(name, { ...options, hub });
  const definition = source?.definition ?? { prefregex: undefined, failregex: [name], ignoreregex: [] };
  const remarks = lint(definition);
  for (const remark of remarks) print(remark);
  print(remarks.length === 0 ? "nothing to remark" : `${remarks.length} remarks`);
  return remarks.length > 0 ? FAILURE : 0;
}

function filterNamed(name: string, options: TesterOptions, hub: LogHub): FilterDefinition {
  const source = findFilterSource(name, { ...options, hub });
  if (!source) throw new TesterError(`ERROR: there is no filter ${name}`);
  return source.definition;
}

/** The name with parameters in brackets; those of the command line come last and win. */
function withParameters(given: string, parameters: ReadonlyMap<string, string>): string {
  if (parameters.size === 0) return given;
  const [, name = given, own = ""] = /^([^[]*)(?:\[(.*)\])?$/s.exec(given) ?? [];
  const set = [...parameters].map(([key, value]) => `${key}=${quoted(value)}`);
  return `${name}[${[...set, ...(own === "" ? [] : [own])].join(", ")}]`;
}

function quoted(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
