import { promises } from "node:fs";
import { basename, extname } from "node:path";
import { pathToFileURL } from "node:url";
import { osError, runtimeError } from "../pyvalue/errors.ts";
import {
  type ActionModuleClass,
  ModuleAction,
  type ModuleOptions,
  type ModuleTools,
} from "./module-action.ts";
import type { JailView } from "./ticket-info.ts";

/** Actions that are Python scripts in the reference and come with this program. */
const BUILT_IN: ReadonlyMap<string, () => Promise<LoadedModule>> = new Map([
  ["smtp", () => import("./modules/smtp.ts")],
]);
const REQUIRED = ["start", "stop", "ban"] as const;

/** What a module may export. */
interface LoadedModule {
  readonly Action?: ActionModuleClass;
}

/** What to load, and for whom. */
export interface ModuleRequest {
  /** File of the module: `….js`, `….mjs`, `….ts`, or the path of a Python script that is offered here anew. */
  readonly path: string;
  /** Name of the action within its jail. */
  readonly name: string;
  readonly jail: JailView;
  readonly options: ModuleOptions;
  readonly tools: ModuleTools;
}

/**
 * Loads a module and makes an action of its class `Action`. In place of a Python script `foo.py` a file
 * `foo.js`, `foo.mjs` or `foo.ts` beside it is taken, or the built-in module of that name.
 *
 * @throws PyError when there is no such file, it is no action, or the class refuses the options
 */
export async function loadModule(request: ModuleRequest): Promise<ModuleAction> {
  const load = await findModule(request.path);
  const { Action } = await load().catch((error: unknown) => {
    throw runtimeError(
      `${request.path}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    );
  });
  if (typeof Action !== "function") throw runtimeError(`${request.path} module does not have 'Action' class`);
  const missing = REQUIRED.filter((name) => typeof Action.prototype?.[name] !== "function");
  if (missing.length > 0) {
    throw runtimeError(`${request.path} module does not implement required methods: ${missing.join(", ")}`);
  }
  const { jail, name, options, tools } = request;
  try {
    return new ModuleAction(name, new Action(jail, name, options, tools), options, tools.clock);
  } catch (error) {
    throw runtimeError(`${request.path}: ${(error as Error).message}`);
  }
}

async function findModule(path: string): Promise<() => Promise<LoadedModule>> {
  if (extname(path) !== ".py") return fromFile(path);
  const stem = path.slice(0, -".py".length);
  for (const ending of [".js", ".mjs", ".ts"]) {
    const found = await fromFile(stem + ending).catch(() => null);
    if (found) return found;
  }
  const builtIn = BUILT_IN.get(basename(stem));
  if (builtIn) return builtIn;
  await fromFile(path);
  throw runtimeError(
    `${path}: actions written in Python cannot be run; write ${basename(stem)}.js with the same methods beside it`,
  );
}

/** @throws PyError when there is no such file */
async function fromFile(path: string): Promise<() => Promise<LoadedModule>> {
  try {
    const { mtimeMs, size } = await promises.stat(path);
    const url = pathToFileURL(path);
    // A file that changed is another module: the version in the address has it loaded anew.
    url.search = `v=${mtimeMs}-${size}`;
    return () => import(url.href);
  } catch (error) {
    throw osError(error, path);
  }
}
