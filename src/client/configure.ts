import { ConfigError } from "../config/config-error.ts";
import { logFault } from "../config/jail-faults.ts";
import type { Configuration } from "../config/read.ts";
import type { ClientContext } from "./context.ts";

/** The configuration, of one jail or of all; `null` when it cannot be used, after the reason was reported. */
export async function configure(context: ClientContext, jail?: string): Promise<Configuration | null> {
  try {
    const configuration = await context.readConfiguration(jail);
    return configuration.ok ? configuration : null;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    context.log.error(`Failed during configuration: ${error.message}`);
    logFault(context.hub, error);
    return null;
  }
}
