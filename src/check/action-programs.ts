import { posix } from "node:path";
import { ACTION_OPTIONS, actionPath } from "../config/action.ts";
import { splitActions } from "../config/action-list.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Jail } from "../config/jail.ts";
import type { MergedConfig } from "../config/merged.ts";
import { substituteTags, type TagValue } from "../config/tags.ts";
import type { ConfigTree } from "../config/tree.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { type Finding, positionOf, warning } from "./finding.ts";
import { definitionName, textOf } from "./option-text.ts";
import { scriptPrograms } from "./script-programs.ts";

/** Whether a program of that name, or path, can be run. */
export type ProgramLookup = (name: string) => boolean;

/** Programs that the actions of a jail call and that are not there. */
export function missingPrograms(
  tree: ConfigTree,
  config: MergedConfig,
  jail: Jail,
  isThere: ProgramLookup,
): Finding[] {
  const names = splitActions(textOf(config, jail.name, "action")).map((text) => definitionName(text) ?? "");
  const findings: Finding[] = [];
  let index = -1;
  for (const command of jail.actions) {
    if (command[2] === "addaction") {
      index++;
      continue;
    }
    const name = names[index] ?? "";
    const definition = tree.load(actionPath(name));
    for (const [option, script] of scriptsOf(command)) {
      for (const program of scriptPrograms(script)) {
        if (isThere(program)) continue;
        const raw = definition?.own("Definition")?.get(option);
        const message = `Action '${name}' calls '${program}', which is not ${posix.isAbsolute(program) ? "there" : "on PATH"}`;
        findings.push(
          raw === undefined
            ? warning(message, positionOf(jail.name, "action", config.raw(jail.name, "action")))
            : warning(message, positionOf("Definition", option, raw)),
        );
      }
    }
  }
  return findings;
}

/** The commands of an action with their tags replaced as far as they are known. */
function scriptsOf([kind, , , , first, second]: readonly PyValue[]): [string, string][] {
  const pairs = (kind === "multi-set" ? first : [[first, second]]) as [string, TagValue][];
  const given = new Map(pairs.filter(([name]) => !name.includes("?")));
  const values = substituted(given);
  return [...values].filter(
    (pair): pair is [string, string] =>
      ACTION_OPTIONS.get(pair[0]) === "string" && typeof pair[1] === "string",
  );
}

function substituted(values: ReadonlyMap<string, TagValue>): ReadonlyMap<string, TagValue> {
  try {
    return substituteTags(values);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return values;
  }
}

/** Looks along the directories of a `PATH`. */
export function pathLookup(path: string, isExecutable: (file: string) => boolean): ProgramLookup {
  const folders = path.split(":").filter(Boolean);
  const known = new Map<string, boolean>();
  return (name) => {
    const found = known.get(name) ?? folders.concat("").some((folder) => isExecutable(placeOf(folder, name)));
    known.set(name, found);
    return found;
  };
}

function placeOf(folder: string, name: string): string {
  return name.includes("/") ? name : posix.join(folder, name);
}
