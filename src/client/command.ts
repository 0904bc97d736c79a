import type { ClientContext } from "./context.ts";
import { reload } from "./reload.ts";
import { sendAndShow } from "./send.ts";
import { restart, start } from "./start.ts";

/** Runs one command: here if it is one of the client's, else on the server. False when it failed. */
export function runCommand(context: ClientContext, words: readonly string[]): Promise<boolean> {
  const [word, ...rest] = words;
  if (word === "start" && rest.length === 0) return start(context);
  if (word === "restart")
    return rest.length === 0 ? restart(context) : reload(context, ["--restart", ...rest]);
  if (word === "reload") return reload(context, rest);
  return sendAndShow(context, words);
}
