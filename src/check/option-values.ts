import { isBoolean, type OptionType, parseInteger } from "../config/convert.ts";
import { JAIL_OPTIONS } from "../config/jail.ts";
import type { MergedConfig } from "../config/merged.ts";
import { COUNTED_PREFIXES_EXPECTED, PREFIXES_EXPECTED, parsePrefixList } from "../config/prefix-list.ts";
import { groupRoles, isRole } from "../config/socket-roles.ts";
import { parseDuration } from "../time/duration.ts";
import { type Finding, positionOf, warning } from "./finding.ts";
import { textOf } from "./option-text.ts";

/** What a value must be. */
interface Expectation {
  readonly test: (value: string) => boolean;
  /** In words. */
  readonly expected: string;
}

const INTEGER: Expectation = {
  test: (value) => parseInteger(value) !== undefined,
  expected: "a whole number",
};
const BOOLEAN: Expectation = { test: isBoolean, expected: "true or false" };
const TIME: Expectation = { test: isTime, expected: "a time such as 600, 10m or 1d 12h" };

const OF_TYPE: ReadonlyMap<OptionType, Expectation> = new Map([
  ["int", INTEGER],
  ["count", INTEGER],
  ["bool", BOOLEAN],
  ["switch", BOOLEAN],
]);

/** Options whose values a server refuses, or takes for something else than what was meant. */
const SPECIAL: ReadonlyMap<string, Expectation> = new Map([
  ["findtime", TIME],
  ["bantime", TIME],
  ["bantime.maxtime", TIME],
  ["bantime.rndtime", TIME],
  ["verify", TIME],
  ["banprefix", prefixes(false, PREFIXES_EXPECTED)],
  ["aggregate", prefixes(true, COUNTED_PREFIXES_EXPECTED)],
  ["usedns", matching(/^(?:yes|warn|no|raw)$/i, "yes, warn, no or raw")],
  [
    "backend",
    matching(
      /^(?:(?:auto|pyinotify|polling|stdin)$|(?:systemd|syslog)(?:\[|$))/i,
      "auto, pyinotify, polling, systemd, stdin or syslog[listen=…]",
    ),
  ],
]);

/** Options of an enabled jail whose values cannot be what was meant. */
export function valueFindings(config: MergedConfig, jail: string): Finding[] {
  return [...JAIL_OPTIONS].flatMap(([option, type]) => {
    const expectation = OF_TYPE.get(type) ?? SPECIAL.get(option);
    const value = textOf(config, jail, option);
    if (expectation === undefined || value === "" || expectation.test(value)) return [];
    const position = positionOf(jail, option, config.raw(jail, option));
    const message = `The value '${value}' of '${option}' means nothing`;
    return [warning(message, { ...position, expected: expectation.expected })];
  });
}

/** Groups in `fail2ban.conf` that are to have a role that is none. @throws {ConfigError} references without aim */
export function serverValueFindings(config: MergedConfig): Finding[] {
  return groupRoles(config)
    .filter(({ role }) => !isRole(role))
    .map(({ role, position }) => warning(`The role '${role}' means nothing`, position));
}

function matching(pattern: RegExp, expected: string): Expectation {
  return { test: (value) => pattern.test(value), expected };
}

function prefixes(counted: boolean, expected: string): Expectation {
  return { test: (value) => parsePrefixList(value, counted) !== undefined, expected };
}

function isTime(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
}
