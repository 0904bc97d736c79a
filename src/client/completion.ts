import { bashScript } from "./completion-bash.ts";
import { fishScript } from "./completion-fish.ts";
import { zshScript } from "./completion-zsh.ts";
import type { ClientContext } from "./context.ts";
import type { SHELLS } from "./vocabulary.ts";

/** Completion of the client's command line for shells, made from the table of commands. */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], () => string>> = {
  bash: bashScript,
  fish: fishScript,
  zsh: zshScript,
};

/** `completion SHELL`: prints the script; false when there is none for that shell. */
export function printCompletion(context: ClientContext, words: readonly string[]): boolean {
  const [shell = "", ...surplus] = words;
  if (!Object.hasOwn(SCRIPTS, shell) || surplus.length > 0) {
    context.log.error(`completion takes one of: ${Object.keys(SCRIPTS).join(", ")}`);
    return false;
  }
  context.print(SCRIPTS[shell as keyof typeof SCRIPTS]());
  return true;
}
