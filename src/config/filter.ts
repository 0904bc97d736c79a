import { posix } from "node:path";
import type { Logger } from "../log/logger.ts";
import type { OptionTable } from "./convert.ts";
import { Definition, type DefinitionKind } from "./definition.ts";
import type { MergedConfig } from "./merged.ts";
import type { OptionValue } from "./section-options.ts";

/** The options of a filter that mean something to the server. */
export const FILTER_OPTIONS: OptionTable = new Map([
  ["usedns", "string"],
  ["prefregex", "string"],
  ["ignoreregex", "string"],
  ["failregex", "string"],
  ["maxlines", "int"],
  ["datepattern", "string"],
  ["journalmatch", "string"],
]);

const FILTER_KIND: DefinitionKind = { table: FILTER_OPTIONS, runtimeTags: new Set(), initIsVisible: true };

/** The filter a jail, or the regex tester, asks for. */
export interface FilterRequest {
  /** Merged files of the filter. */
  readonly config: MergedConfig;
  /** Options in brackets. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Decides the parameter `logtype` if neither parameters nor files give it. */
  readonly backend: string;
  /** The logger `configreader`. */
  readonly logger: Logger;
}

/** A filter with its parameters, nothing evaluated yet. */
export function openFilter({ config, parameters, backend, logger }: FilterRequest): Definition {
  const all = new Map(parameters);
  if (!parameters.get("logtype") && !config.own("Definition")?.has("logtype")) {
    all.delete("logtype");
    const logtype = backend.startsWith("systemd") ? "journal" : "file";
    return new Definition(config, FILTER_KIND, new Map([["logtype", logtype], ...all]), logger);
  }
  return new Definition(config, FILTER_KIND, all, logger);
}

/** The configuration name of a filter. */
export function filterPath(name: string): string {
  return name.startsWith("./") || posix.isAbsolute(name) ? name : `filter.d/${name}`;
}

/** The lines of a multi-line value; empty ones are dropped. */
export function nonEmptyLines(value: OptionValue | undefined): string[] {
  return typeof value === "string" ? value.split("\n").filter((line) => line !== "") : [];
}
