/** One option with the words that name it. */
export interface OptionSpec {
  /** Letters with one dash and words with two, e.g. `["c", "conf"]`. The last one is the option's key. */
  readonly names: readonly string[];
  /** Whether a value follows. */
  readonly takesValue: boolean;
  /** A long name may not be cut short. */
  readonly isWhole?: boolean;
}

/** An option as it was given. */
export interface GivenOption {
  /** Last of the option's names. */
  readonly key: string;
  /** Name that was used, abbreviated long ones written out. */
  readonly name: string;
  /** The value, empty for options without one. */
  readonly value: string;
}

export interface GetoptResult {
  /** In the order in which they were given. */
  readonly options: readonly GivenOption[];
  /** Everything from the first word that is no option. */
  readonly rest: readonly string[];
}

/** A command line that does not fit; the message names the option. */
export class GetoptError extends Error {
  override readonly name = "GetoptError";
}

/**
 * Splits a command line as the classic `getopt_long` does: options end at the first other word or at `--`, short
 * ones may be joined (`-vvt`), long ones may be cut to an unambiguous beginning, `--opt=value` and
 * `--opt value` mean the same.
 *
 * @throws GetoptError for unknown and ambiguous options, and missing or unwanted values
 */
export function getopt(args: readonly string[], specs: readonly OptionSpec[]): GetoptResult {
  const options: GivenOption[] = [];
  const rest = [...args];
  for (let word = rest[0]; word?.startsWith("-") && word !== "-"; word = rest[0]) {
    rest.shift();
    if (word === "--") break;
    if (word.startsWith("--")) options.push(longOption(word.slice(2), rest, specs));
    else shortOptions(word.slice(1), rest, specs, options);
  }
  return { options, rest };
}

function longOption(word: string, rest: string[], specs: readonly OptionSpec[]): GivenOption {
  const equals = word.indexOf("=");
  const given = equals < 0 ? word : word.slice(0, equals);
  const { spec, name } = findLong(given, specs);
  if (equals >= 0) {
    if (!spec.takesValue) throw new GetoptError(`option --${name} must not have an argument`);
    return { key: keyOf(spec), name, value: word.slice(equals + 1) };
  }
  return { key: keyOf(spec), name, value: spec.takesValue ? nextValue(rest, `--${name}`) : "" };
}

function findLong(given: string, specs: readonly OptionSpec[]): { spec: OptionSpec; name: string } {
  const long = specs.flatMap((spec) =>
    spec.names.filter((n) => n.length > 1).map((name) => ({ spec, name })),
  );
  const exact = long.find(({ name }) => name === given);
  if (exact) return exact;
  const [found, ...others] = long.filter(({ name, spec }) => !spec.isWhole && name.startsWith(given));
  if (!found) throw new GetoptError(`option --${given} not recognized`);
  if (others.length > 0) throw new GetoptError(`option --${given} not a unique prefix`);
  return found;
}

function shortOptions(
  letters: string,
  rest: string[],
  specs: readonly OptionSpec[],
  out: GivenOption[],
): void {
  for (let i = 0; i < letters.length; i++) {
    const name = letters[i] ?? "";
    const spec = specs.find((candidate) => candidate.names.includes(name));
    if (!spec) throw new GetoptError(`option -${name} not recognized`);
    if (!spec.takesValue) {
      out.push({ key: keyOf(spec), name, value: "" });
      continue;
    }
    const joined = letters.slice(i + 1);
    out.push({ key: keyOf(spec), name, value: joined === "" ? nextValue(rest, `-${name}`) : joined });
    return;
  }
}

function nextValue(rest: string[], shown: string): string {
  const value = rest.shift();
  if (value === undefined) throw new GetoptError(`option ${shown} requires argument`);
  return value;
}

function keyOf(spec: OptionSpec): string {
  return spec.names.at(-1) ?? "";
}
