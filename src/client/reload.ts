import { repr } from "../pyvalue/repr.ts";
import { configure } from "./configure.ts";
import type { ClientContext } from "./context.ts";
import { ask } from "./reach.ts";
import { sendAndShow, serverIsThere } from "./send.ts";

const OPTIONS: ReadonlySet<string> = new Set(["--restart", "--unban", "--if-exists"]);

/**
 * `reload [--restart] [--unban] [--if-exists] [JAIL | --all]`: hands the configuration as it is now to the
 * server. False when it failed, after the reason was reported.
 */
export async function reload(context: ClientContext, words: readonly string[]): Promise<boolean> {
  const { log, options, print } = context;
  const given = words.slice(0, leadingOptions(words));
  const [jail = "--all", ...surplus] = words.slice(given.length);
  if (surplus.length > 0) {
    log.error(`Unexpected argument(s) for reload: ${repr(words.slice(given.length))}`);
    return false;
  }
  if (!(await serverIsThere(context))) {
    log.error("Could not find server");
    return false;
  }
  if (options.interactive) print("  ## load configuration ... \n");
  const configuration = await configure(context, jail === "--all" ? undefined : jail);
  if (!configuration) return false;
  if (options.interactive) print("  ## reload ... \n");
  const { commands, extensions } = configuration;
  const stream =
    extensions.length > 0 && (await isExtended(context)) ? [...commands, ...extensions] : commands;
  const accepted = await sendAndShow(context, ["reload", jail, given, stream]);
  return accepted && !configuration.faulty;
}

/** Whether the server is one of ours; the reference's answers as to any other ping. */
async function isExtended(context: ClientContext): Promise<boolean> {
  try {
    const answer = await ask(context, ["ping", "extensions"]);
    return Array.isArray(answer) && answer.includes("addlogglob");
  } catch {
    return false;
  }
}

function leadingOptions(words: readonly string[]): number {
  const end = words.findIndex((word) => !OPTIONS.has(word));
  return end < 0 ? words.length : end;
}
