import type { ClientContext } from "./context.ts";
import { askAndShow } from "./send.ts";

/** Runs one command: here if it is one of the client's, else on the server. False when it failed. */
export async function runCommand(context: ClientContext, words: readonly string[]): Promise<boolean> {
  const [word, ...rest] = words;
  // Most runs need none of these, and are over sooner without them.
  const starting = () => import("./start.ts");
  const reloading = () => import("./reload.ts");
  if (word === "start" && rest.length === 0) return (await starting()).start(context);
  if (word === "restart" && rest.length === 0) return (await starting()).restart(context);
  if (word === "restart") return (await reloading()).reload(context, ["--restart", ...rest]);
  if (word === "reload") return (await reloading()).reload(context, rest);
  if (word === "explain") return (await import("./explain.ts")).explain(context, rest);
  if (word === "top") return (await import("./top.ts")).top(context, rest);
  if (word === "completion") return (await import("./completion.ts")).printCompletion(context, rest);
  const shown = await askAndShow(context, words);
  if (shown && word === "status" && rest.length === 0 && !context.options.json)
    await (await import("./problems.ts")).reportProblems(context);
  return shown;
}
