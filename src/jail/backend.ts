import { parseNameWithOptions } from "../config/options.ts";
import { failure, typeError, valueError } from "../pyvalue/errors.ts";
import { repr, reprString } from "../pyvalue/repr.ts";

/** How a jail reads its log. */
export interface Backend {
  readonly name: "pyinotify" | "polling" | "systemd";
  /** The backend as it was asked for. */
  readonly requested: string;
  readonly options: ReadonlyMap<string, string>;
  /** The options as the log shows them: a Python dictionary. */
  readonly shownOptions: string;
}

const NAMES = ["pyinotify", "polling", "systemd"] as const;

/**
 * Chooses the backend for a text like `auto`, `polling` or `systemd[journalflags=1]`; `auto` means files that
 * are watched by inotify.
 *
 * @throws {PyError} for an unknown backend or one that takes no options
 */
export function chooseBackend(requested: string): Backend {
  const { name: given, options } = parseNameWithOptions(requested);
  const wanted = given.toLowerCase();
  const name = wanted === "auto" ? "pyinotify" : NAMES.find((known) => known === wanted);
  if (!name) {
    throw valueError(`Unknown backend ${given}. Must be among ${repr([...NAMES])} or 'auto'`);
  }
  if (name === "systemd") {
    throw failure(
      `Failed to initialize any backend: ${reprString(given)} is not available yet; use a backend that reads files`,
    );
  }
  if (options.size > 0) {
    throw typeError(`backend ${name} takes no options, got ${repr([...options.keys()])}`);
  }
  return { name, requested, options, shownOptions: repr(new Map(options)) };
}
