import { posix } from "node:path";
import { ConfigError } from "./config-error.ts";
import { DEFAULT_SECTION, type IniFile } from "./ini.ts";
import { MergedConfig } from "./merged.ts";

/** Deeper nesting is a loop that the names do not show, as `before = ./self.conf`. */
const MAX_DEPTH = 60;
/** Bound for trees of includes that grow exponentially. */
const MAX_FILES = 20_000;

/** A file of the final list, in the order of merging. */
export interface IncludedFile {
  readonly path: string;
  readonly ini: IniFile;
}

/** What the expansion needs: existence and parsed content (`undefined`: cannot be read). */
export interface IncludeSource {
  exists(path: string): boolean;
  parse(path: string): IniFile | undefined;
}

/**
 * Replaces every file of the list by what its `[INCLUDES]` name `before`, the file, and what they name `after`. A file
 * `x.local` beside an included `x.conf` follows it by itself. Files that cannot be read are left out.
 *
 * @throws {ConfigError} syntax errors, include loops.
 */
export function expandIncludes(list: readonly string[], source: IncludeSource): IncludedFile[] {
  return new Expansion(source).expand(list, []);
}

class Expansion {
  readonly #source: IncludeSource;
  #count = 0;

  constructor(source: IncludeSource) {
    this.#source = source;
  }

  /** @param ancestors the files whose includes led to this list, the one that holds it last */
  expand(list: readonly string[], ancestors: readonly string[]): IncludedFile[] {
    const result: IncludedFile[] = [];
    const forbidden = ancestors.slice(0, -1);
    for (const path of list) {
      if (forbidden.includes(path)) continue;
      result.push(...this.#expandFile(path, ancestors));
      if (ancestors.length === 0) continue;
      const local = `${path.slice(0, path.length - posix.extname(path).length)}.local`;
      if (!list.includes(local) && this.#source.exists(local)) {
        result.push(...this.#expandFile(local, ancestors));
      }
    }
    return result;
  }

  #expandFile(path: string, ancestors: readonly string[]): IncludedFile[] {
    this.#count++;
    if (ancestors.length > MAX_DEPTH || this.#count > MAX_FILES) {
      throw new ConfigError(`Include loop: ${[...ancestors, path].slice(-4).join(" includes ")}`, {
        file: ancestors.at(-1),
        section: "INCLUDES",
        expected: "files that do not include each other",
      });
    }
    const ini = this.#source.parse(path);
    if (ini === undefined) return [];
    const chain = [...ancestors, path];
    return [
      ...this.expand(includeList(ini, path, "before"), chain),
      { path, ini },
      ...this.expand(includeList(ini, path, "after"), chain),
    ];
  }
}

/** The files named by an include option, resolved against the folder of the file that names them. */
function includeList(ini: IniFile, file: string, option: "before" | "after"): string[] {
  const own = ini.get("INCLUDES");
  if (own === undefined) return [];
  const raw = (own.get(option) ?? ini.get(DEFAULT_SECTION)?.get(option))?.value;
  if (raw === undefined) return [];
  const value = raw.includes("%") ? interpolated(ini, option) : raw;
  return value.split("\n").map((name) => (name.startsWith("/") ? name : joinRaw(posix.dirname(file), name)));
}

/** An include option that refers to others; only those of the same file can be known yet. */
function interpolated(ini: IniFile, option: string): string {
  const alone = new MergedConfig();
  alone.add(ini);
  return String(alone.get("INCLUDES", option));
}

/** Joins without normalising: the loop guard compares paths as written. */
function joinRaw(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}
