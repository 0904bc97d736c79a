import { sendOnce } from "../control/connection.ts";
import { str } from "../pyvalue/repr.ts";
import type { ClientContext } from "./context.ts";

/**
 * Names the jails that do not run as they are configured on standard error, where no script that reads the answer
 * of `status` looks. A server that does not know of problems is left in peace.
 */
export async function reportProblems({ settings, clock, hub }: ClientContext): Promise<void> {
  const answer = await sendOnce(settings.socket, ["problems"], { clock }).catch(() => null);
  if (!(answer instanceof Map)) return;
  const log = hub.logger("configcheck");
  for (const [jail, reason] of answer) log.error(`Jail '${str(jail)}': ${str(reason)}`);
}
