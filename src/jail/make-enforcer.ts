import { ConnectionCutter } from "../enforce/connection-cutter.ts";
import type { ShellRunner } from "../enforce/shell.ts";
import { Aggregation, type AggregationOptions } from "./aggregation.ts";
import { ConnectionCutting } from "./connection-cutting.ts";
import { DryRun } from "./dry-run.ts";
import type { Enforcer } from "./enforcer.ts";

/** What stands between the list of bans and the actions. */
export interface EnforcerOptions extends AggregationOptions {
  readonly runner: ShellRunner;
}

/**
 * Puts in front of the actions what the rules of the jail ask for: bans of a dry run stay out, many bans of one network
 * become one, and whoever is blocked loses the connections that are open.
 */
export function makeEnforcer(
  actions: Enforcer,
  options: EnforcerOptions,
): { enforcer: Enforcer; aggregation: Aggregation } {
  const { rules } = options;
  const cutting = new ConnectionCutting(
    actions,
    new ConnectionCutter(options),
    () => rules().killconnections,
  );
  const aggregation = new Aggregation(cutting, options);
  return { enforcer: new DryRun(aggregation), aggregation };
}
