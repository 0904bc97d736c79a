import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TesterError } from "./tester-error.ts";

/** What a filter is expected to make of a sample line. */
export interface Expectation {
  /** Whether it is a failure. */
  readonly match: boolean;
  /** Fields that the failure must have: `host` or `id`, `time`, `attempts`, and any captured group. */
  readonly fields: ReadonlyMap<string, unknown>;
}

/** A line of a sample file. */
export interface Sample {
  readonly file: string;
  /** Number of the line in the file, from 1. */
  readonly number: number;
  readonly line: string;
  /** Parameters of the filter under which it is to be tested, one set after the other. */
  readonly options: readonly ReadonlyMap<string, string>[];
  readonly expectation: Expectation;
  /** Condition under which the expectation holds; `null`: always. Otherwise no failure is expected. */
  readonly constraint: string | null;
}

/**
 * Reads a log with annotations: `# failJSON: {…}` says what is expected of the next line (without it: no
 * failure), `# filterOptions: {…}` or a list of them and `# fileOptions: {…}` give parameters of the filter,
 * `# addFILE: "…"` names one more file beside this one.
 *
 * @throws {TesterError} with file and line, for annotations that cannot be read
 */
export function readSampleFile(path: string, seen: ReadonlySet<string> = new Set()): Sample[] {
  const samples: Sample[] = [];
  let filterOptions: readonly Json[] = [{}];
  let fileOptions: Json = {};
  let expected = NOTHING;
  let expectedAt = "";
  for (const [index, line] of linesOf(path).entries()) {
    const annotation = ANNOTATION.exec(line);
    if (!annotation) {
      if (line === "" || line.startsWith("#")) continue;
      samples.push(sampleOf({ file: path, number: index + 1, line }, filterOptions, fileOptions, expected));
      expected = NOTHING;
      continue;
    }
    const [, kind, text = ""] = annotation;
    const value = parseAnnotation(text, path, index + 1);
    const place = `${path}:${index + 1}`;
    if (kind === "failJSON") {
      expected = asObject(value, place);
      expectedAt = place;
    } else if (kind === "filterOptions")
      filterOptions = (Array.isArray(value) ? value : [value]).map((one) => asObject(one, place));
    else if (kind === "fileOptions") fileOptions = asObject(value, place);
    else samples.push(...readAdded(String(value), path, seen));
  }
  if (expected !== NOTHING) throw new TesterError(`ERROR: ${expectedAt}: no line follows this failJSON`);
  return samples;
}

/** Expected of a line without annotation. */
const NOTHING: Json = {};

function asObject(value: unknown, place: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new TesterError(`ERROR: ${place}: an object in braces is expected, found ${JSON.stringify(value)}`);
}

type Json = Readonly<Record<string, unknown>>;

const ANNOTATION = /^#\s*(failJSON|filterOptions|fileOptions|addFILE):\s*(.*?)\s*$/;
/** Keys of `failJSON` that are no fields. */
const NO_FIELDS = new Set(["match", "desc", "constraint", "filter"]);

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split(/\r*\n/);
  } catch (error) {
    throw new TesterError(`ERROR: Unable to open ${path}: ${(error as Error).message}`);
  }
}

function readAdded(name: string, path: string, seen: ReadonlySet<string>): Sample[] {
  const added = join(dirname(path), name);
  const known = new Set([...seen, path]);
  return known.has(added) ? [] : readSampleFile(added, known);
}

function parseAnnotation(text: string, path: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TesterError(
      `ERROR: ${path}:${number}: the annotation is not JSON: ${(error as Error).message}`,
    );
  }
}

function sampleOf(
  place: Pick<Sample, "file" | "number" | "line">,
  filterOptions: readonly Json[],
  fileOptions: Json,
  expected: Json,
): Sample {
  const options = filterOptions.map((own) => {
    const all = Object.entries({ ...fileOptions, ...own });
    // Names with a dot are for the reference's own test suite.
    return new Map(all.filter(([name]) => !name.includes(".")).map(([name, value]) => [name, String(value)]));
  });
  const fields = new Map(Object.entries(expected).filter(([name]) => !NO_FIELDS.has(name)));
  const expectation = { match: expected["match"] === true, fields };
  const constraint = typeof expected["constraint"] === "string" ? expected["constraint"] : null;
  return { ...place, options, expectation, constraint };
}

/**
 * Whether a constraint holds: comparisons of `name` or `opts.get('…')` with texts, joined by `and` or `or`;
 * `null` when it is none of these.
 */
export function holds(
  constraint: string,
  name: string,
  options: ReadonlyMap<string, string>,
): boolean | null {
  const either = constraint.split(/\s+or\s+/).map((part) => {
    const all = part.split(/\s+and\s+/).map((comparison) => compare(comparison, name, options));
    return all.includes(null) ? null : all.every(Boolean);
  });
  return either.includes(null) ? null : either.some(Boolean);
}

const COMPARISON = /^\s*(?:name|opts\.get\((['"])(\w+)\1\))\s*(==|!=)\s*(['"])(.*)\4\s*$/;

function compare(text: string, name: string, options: ReadonlyMap<string, string>): boolean | null {
  const found = COMPARISON.exec(text);
  if (!found) return null;
  const [, , option, operator, , wanted] = found;
  const value = option === undefined ? name : (options.get(option) ?? null);
  return (value === wanted) === (operator === "==");
}
