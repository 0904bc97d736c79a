import { ACTION_OPTIONS, actionPath } from "../config/action.ts";
import { splitActions } from "../config/action-list.ts";
import type { OptionTable } from "../config/convert.ts";
import { FILTER_OPTIONS, filterPath } from "../config/filter.ts";
import { JAIL_OPTIONS } from "../config/jail.ts";
import type { MergedConfig } from "../config/merged.ts";
import { SERVER_OPTIONS } from "../config/server-settings.ts";
import { isRoleOption } from "../config/socket-roles.ts";
import type { ConfigTree } from "../config/tree.ts";
import { type Finding, positionOf, warning } from "./finding.ts";
import { nearest } from "./nearest.ts";
import { definitionName, parametersOf, textOf } from "./option-text.ts";
import { isReferenced, referencedNames } from "./references.ts";

/** Options of `fail2ban.conf` that mean nothing. */
export function unknownServerOptions(config: MergedConfig): Finding[] {
  const used = referencedNames(config);
  return ["DEFAULT", "Definition"]
    .flatMap((section) => unknownIn(config, section, SERVER_OPTIONS, used))
    .filter(({ position }) => !isRoleOption(position.option ?? ""));
}

/** Options of a jail's own section that are none and that nothing refers to. */
export function unknownJailOptions(config: MergedConfig, jail: string, used: ReadonlySet<string>): Finding[] {
  return unknownIn(config, jail, JAIL_OPTIONS, used);
}

function unknownIn(
  config: MergedConfig,
  section: string,
  table: OptionTable,
  used: ReadonlySet<string>,
): Finding[] {
  return [...(config.own(section) ?? [])]
    .filter(([option]) => !table.has(option) && !option.startsWith("known/") && !isReferenced(option, used))
    .map(([option, raw]) => {
      const meant = nearest(option, table.keys());
      const hint = meant === undefined ? "nothing refers to it" : `did you mean '${meant}'?`;
      return warning(`Unknown option '${option}': ${hint}`, positionOf(section, option, raw));
    });
}

/** Options of the jail's filter that nothing uses, and parameters that it does not know. */
export function unusedFilterOptions(tree: ConfigTree, config: MergedConfig, jail: string): Finding[] {
  const text = textOf(config, jail, "filter");
  const name = definitionName(text);
  const definition = name === undefined ? undefined : tree.load(filterPath(name));
  if (name === undefined || definition === undefined) return [];
  const own = new Set(tree.candidates(filterPath(name)));
  const used = new Set([...referencedNames(definition), ...referencedNames(config)]);
  const known = [...FILTER_OPTIONS.keys(), ...used];
  const findings: Finding[] = [];
  for (const section of ["Definition", "Init"]) {
    for (const [option, raw] of definition.own(section) ?? []) {
      if (FILTER_OPTIONS.has(option) || option === "logtype" || isReferenced(option, used)) continue;
      if (!own.has(raw.file)) continue; // Includes offer more than one filter needs.
      const meant = nearest(option, FILTER_OPTIONS.keys());
      const hint = meant === undefined ? "" : `: did you mean '${meant}'?`;
      findings.push(warning(`Nothing uses the option '${option}'${hint}`, positionOf(section, option, raw)));
    }
  }
  const raw = config.own(jail)?.get("filter");
  for (const parameter of parametersOf(text)) {
    const isWritten = String(raw?.value ?? "").includes(`${parameter}=`);
    if (!isWritten || FILTER_OPTIONS.has(parameter) || parameter === "logtype") continue;
    if (isReferenced(parameter, used) || definition.own("Init")?.has(parameter)) continue;
    const meant = nearest(parameter, known);
    const hint = meant === undefined ? "" : `: did you mean '${meant}'?`;
    findings.push(
      warning(
        `The filter '${name}' does not use the parameter '${parameter}'${hint}`,
        positionOf(jail, "filter", raw),
      ),
    );
  }
  return findings;
}

/** Options of the jail's actions that look like misspelled ones. */
export function misspelledActionOptions(tree: ConfigTree, config: MergedConfig, jail: string): Finding[] {
  return splitActions(textOf(config, jail, "action")).flatMap((text) => {
    const name = definitionName(text);
    if (name === undefined || /\.\w+$/.test(name)) return [];
    const definition = tree.load(actionPath(name));
    if (definition === undefined) return [];
    const used = referencedNames(definition);
    return [...(definition.own("Definition") ?? [])].flatMap(([option, raw]) => {
      if (ACTION_OPTIONS.has(option) || isReferenced(option, used)) return [];
      const meant = nearest(option, ACTION_OPTIONS.keys());
      if (meant === undefined) return [];
      return [
        warning(
          `Unknown option '${option}': did you mean '${meant}'?`,
          positionOf("Definition", option, raw),
        ),
      ];
    });
  });
}
