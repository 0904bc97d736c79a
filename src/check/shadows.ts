import { posix } from "node:path";
import type { MergedConfig, MergedOption } from "../config/merged.ts";
import { type Finding, positionOf, warning } from "./finding.ts";
import { textOf } from "./option-text.ts";

/**
 * Jails that stand in each other's way: one file of `jail.d` undoes what another one sets, names differ only in letter
 * case, or two jails count the same lines twice.
 *
 * @param enabled names of the enabled jails
 */
export function shadowFindings(
  config: MergedConfig,
  jails: readonly string[],
  enabled: readonly string[],
): Finding[] {
  return [
    ...jails.flatMap((jail) => undoneOptions(config, jail)),
    ...similarNames(config, jails),
    ...twins(config, enabled),
  ];
}

/** Two files of the same rank that disagree: which one counts depends on nothing but their names. */
function undoneOptions(config: MergedConfig, jail: string): Finding[] {
  return [...(config.own(jail) ?? [])].flatMap(([option, raw]) => {
    const before = raw.overrides;
    if (before === undefined || !isSameRank(raw, before) || before.value === raw.value) return [];
    if (String(raw.value).includes("%(known/")) return [];
    const message = `This shadows [${jail}] ${option} = '${String(before.value)}' of ${before.file}:${before.line}`;
    return [warning(message, positionOf(jail, option, raw))];
  });
}

function isSameRank(a: MergedOption, b: MergedOption): boolean {
  const rank = ({ file }: MergedOption) =>
    posix.basename(posix.dirname(file)) === "jail.d" ? posix.extname(file) : file;
  return a.file !== b.file && rank(a) === rank(b);
}

function similarNames(config: MergedConfig, jails: readonly string[]): Finding[] {
  const first = new Map<string, string>();
  return jails.flatMap((jail) => {
    const other = first.get(jail.toLowerCase());
    if (other === undefined) {
      first.set(jail.toLowerCase(), jail);
      return [];
    }
    const message = `[${jail}] is another jail than [${other}]: names of jails are case-sensitive`;
    return [warning(message, placeOfJail(config, jail))];
  });
}

/** Enabled jails with the same filter on the same logs. */
function twins(config: MergedConfig, enabled: readonly string[]): Finding[] {
  const first = new Map<string, string>();
  return enabled.flatMap((jail) => {
    const [filter, logs, ...others] = ["filter", "logpath", "backend", "journalmatch", "failregex"].map(
      (option) => textOf(config, jail, option),
    );
    const key = JSON.stringify([filter, logs, ...others]);
    const other = first.get(key);
    if (other === undefined) {
      if (filter !== "" && logs !== "") first.set(key, jail);
      return [];
    }
    const message = `Jail '${jail}' does what '${other}' does: the same filter on the same logs`;
    return [warning(message, placeOfJail(config, jail))];
  });
}

function placeOfJail(config: MergedConfig, jail: string) {
  const [first] = config.own(jail)?.values() ?? [];
  return { section: jail, file: first?.file, line: first?.line };
}
