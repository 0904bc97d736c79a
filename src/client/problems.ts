import { str } from "../pyvalue/repr.ts";
import type { ClientContext } from "./context.ts";
import { ask } from "./reach.ts";

/**
 * Names the jails that do not run as they are configured on standard error, where no script that reads the answer
 * of `status` looks. A server that does not know of problems is left in peace.
 */
export async function reportProblems(context: ClientContext): Promise<void> {
  const answer = await ask(context, ["problems"]).catch(() => null);
  if (!(answer instanceof Map)) return;
  const log = context.hub.logger("configcheck");
  for (const [jail, reason] of answer) log.error(`Jail '${str(jail)}': ${str(reason)}`);
}
