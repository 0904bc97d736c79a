import { posix } from "node:path";
import { LEVELS, type LogHub } from "../log/logger.ts";
import { repr, reprString } from "../pyvalue/repr.ts";
import { ConfigError } from "./config-error.ts";
import { diskFiles, type FileAccess } from "./files.ts";
import { expandIncludes, type IncludedFile, type IncludeSource } from "./includes.ts";
import { type IniFile, parseIni } from "./ini.ts";
import { MergedConfig, type RawValue } from "./merged.ts";
import { DecodeError, decodeUtf8 } from "./utf8.ts";

/**
 * A configuration directory. It reads each file once in its life: make a new one to see changes.
 */
export class ConfigTree {
  /** The directory, without slashes at its end. */
  readonly base: string;
  readonly files: FileAccess;
  readonly log: LogHub;
  readonly #parsed = new Map<string, IniFile | undefined>();
  readonly #folded = new Map<string, MergedConfig>();
  readonly #merged = new Map<string, readonly IncludedFile[] | undefined>();
  /** Files that were read and not yet parsed. */
  readonly #content = new Map<string, Uint8Array>();
  /** Names in the folders that were looked at. */
  readonly #listed = new Map<string, ReadonlySet<string>>();

  readonly #problems: ConfigError[] | undefined;

  /**
   * @param base path of the directory
   * @param problems if given, takes the syntax errors of files, and reading goes on behind them
   * @throws {ConfigError} if there is no such directory.
   */
  constructor(base: string, log: LogHub, files: FileAccess = diskFiles, problems?: ConfigError[]) {
    this.#problems = problems;
    this.base = base.replace(/(?<=.)\/+$/, "");
    this.log = log;
    this.files = files;
    if (files.stat(this.base) === undefined) {
      throw new ConfigError(`Base configuration directory ${this.base} does not exist `, { file: this.base });
    }
  }

  /**
   * Reads all files of one configuration and folds them into one.
   *
   * @param name `fail2ban`, `jail`, `filter.d/<filter>`, `action.d/<action>`; with a leading `./` relative to the
   * current directory, absolute names as they are
   * @param defaults options put into `[DEFAULT]`, stronger than those of the files
   * @returns shared by all who ask for the same without `defaults`; `undefined` if it could not be read, the reason has
   * been logged
   * @throws {ConfigError} syntax errors
   */
  load(name: string, defaults: Readonly<Record<string, RawValue>> = {}): MergedConfig | undefined {
    const isPlain = Object.keys(defaults).length === 0;
    const known = isPlain ? this.#folded.get(name) : undefined;
    if (known !== undefined) return known;
    const files = this.#collect(name);
    if (files === undefined) return undefined;
    const merged = fold(files);
    if (isPlain) this.#folded.set(name, merged);
    for (const [option, value] of Object.entries(defaults)) {
      merged.set("DEFAULT", option, value, { file: "(built in)", line: 0 });
    }
    return merged;
  }

  /**
   * Reads one file with its includes and nothing else.
   *
   * @returns `undefined` if it cannot be read; the reason has been logged
   * @throws {ConfigError} syntax errors
   */
  loadFile(path: string): MergedConfig | undefined {
    const expanded = expandIncludes([path], this.#includeSource());
    if (this.#parse(path) !== undefined) return fold(expanded);
    this.log.logger("configreader").error(`Could not read config files: ${path}`);
    return undefined;
  }

  /** Parses one file unless that was done already; `undefined` if it cannot be read. */
  parse(path: string): IniFile | undefined {
    return this.#parse(path);
  }

  /** The files that were asked for so far, includes too, with what came of them. */
  parsedFiles(): ReadonlyMap<string, IniFile | undefined> {
    return this.#parsed;
  }

  /** Existing files of one configuration, in the order of reading, includes not counted. */
  candidates(name: string): string[] {
    const stem = this.#path(name);
    const folder = `${stem}.d`;
    const inFolder = this.#mayExist(folder) ? this.files.list(folder) : [];
    const beside = (suffix: string) => {
      const names = inFolder.filter((file) => file.endsWith(suffix) && !file.startsWith("."));
      return names.map((file) => `${folder}/${file}`).sort(byCodePoints);
    };
    const all = [`${stem}.conf`, ...beside(".conf"), `${stem}.local`, ...beside(".local")];
    return all.filter((file) => this.#exists(file));
  }

  /** Whether a file is there. It is read at once: that tells as much as a look, and what is asked for is read next. */
  #exists(path: string): boolean {
    if (!this.#mayExist(path)) return false;
    if (this.#parsed.get(path) !== undefined || this.#read(path) !== undefined) return true;
    return this.files.stat(path) !== undefined;
  }

  /**
   * Whether the folder of a path has its name. Most files that are looked for do not exist, and one list of a folder
   * costs less than a look for each of them. A folder that cannot be listed may still give its files.
   */
  #mayExist(path: string): boolean {
    const slash = path.lastIndexOf("/");
    const folder = slash < 0 ? "." : path.slice(0, slash) || "/";
    let names = this.#listed.get(folder);
    if (names === undefined) {
      names = new Set(this.files.list(folder));
      this.#listed.set(folder, names);
    }
    return names.size === 0 || names.has(path.slice(slash + 1));
  }

  #path(name: string): string {
    if (name.startsWith("./")) return posix.resolve(name);
    return posix.isAbsolute(name) ? name : posix.join(this.base, name);
  }

  #collect(name: string): readonly IncludedFile[] | undefined {
    if (!this.#merged.has(name)) this.#merged.set(name, this.#readAll(name));
    return this.#merged.get(name);
  }

  #readAll(name: string): readonly IncludedFile[] | undefined {
    const logger = this.log.logger("configreader");
    const shown = name.startsWith("./") ? posix.resolve(name) : name;
    logger.log(LEVELS.INFO, () => `Loading configs for ${shown} under ${this.base} `);
    const candidates = this.candidates(name);
    if (candidates.length === 0) {
      logger.error(`Found no accessible config files for ${reprString(shown)} under ${this.base}`);
      return undefined;
    }
    const expanded = expandIncludes(candidates, this.#includeSource());
    const loading = () => `  Loading files: ${repr(expanded.map(({ path }) => path))}`;
    this.log.logger("configparserinc").log(LEVELS.INFO, loading);
    const missed = candidates.filter((path) => this.#parse(path) === undefined);
    if (missed.length > 0) {
      logger.error(`Could not read config files: ${missed.join(", ")}`);
      return undefined;
    }
    return expanded;
  }

  #includeSource(): IncludeSource {
    return {
      exists: (path) => this.#exists(path),
      parse: (path) => this.#parse(path),
    };
  }

  #parse(path: string): IniFile | undefined {
    if (!this.#parsed.has(path)) this.#parsed.set(path, this.#parseFile(path));
    return this.#parsed.get(path);
  }

  #parseFile(path: string): IniFile | undefined {
    const logger = this.log.logger("configparserinc");
    logger.log(LEVELS.INFO, () => `  Loading files: ${repr([path])}`);
    const bytes = this.#read(path);
    this.#content.delete(path);
    if (bytes === undefined) return undefined;
    try {
      return parseIni(decodeUtf8(bytes), path, this.#problems);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      logger.error(`Error decoding config file ${reprString(path)}: ${error.message}`);
      return undefined;
    }
  }

  /** Content of a file, kept until it is parsed; `undefined` if it cannot be read. */
  #read(path: string): Uint8Array | undefined {
    const known = this.#content.get(path);
    if (known !== undefined) return known;
    try {
      const bytes = this.files.read(path);
      this.#content.set(path, bytes);
      return bytes;
    } catch {
      return undefined;
    }
  }
}

function fold(files: readonly IncludedFile[]): MergedConfig {
  const merged = new MergedConfig();
  for (const { ini } of files) merged.add(ini);
  return merged;
}

/** Order of file names: by code points. UTF-8 bytes compare the same way, UTF-16 units do not. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
