import type { ChildProcess } from "node:child_process";
import { isAbsolute } from "node:path";
import type { ConfigurationReader, ProgramEnvironment } from "../client/program.ts";
import { diskFiles, type FileAccess } from "../config/files.ts";
import type { ReadingCache } from "../config/reading-cache.ts";
import { encodeUtf8 } from "../control/python-utf8.ts";
import { isActivated } from "../control/socket-activation.ts";
import { writeError, writeOutput } from "../log/console.ts";
import type { LogHub } from "../log/logger.ts";
import { systemClock } from "../time/clock.ts";
import { FAIL2BAN_VERSION } from "../version.ts";
import { BUILD } from "./build.ts";
import { cacheFolder } from "./compile-cache.js";

/**
 * The real world, for the programs.
 *
 * @param early a server process that waits for orders already
 */
export function realEnvironment(early: ChildProcess | null = null): ProgramEnvironment {
  const program = `${import.meta.dirname}/server.js`;
  const launcher = async () => {
    const { ProcessLauncher } = await import("./launcher.ts");
    return new ProcessLauncher({ program, early, loadReader: () => loadReader() });
  };
  return {
    clock: systemClock,
    print: (text) => void writeOutput(encodeOutput(text)),
    printError: writeError,
    utf8: isUtf8(process.env),
    inheritsSocket: isActivated(process.env, process.pid),
    // Made when they are asked for: that takes longer than the rest of a short run.
    get input() {
      // A reader that went away is no failure here either.
      process.stdout.on("error", () => {});
      return { input: process.stdin, output: process.stdout };
    },
    loadReader: () => loadReader(),
    loadDuration: async () => (await import("../time/duration.ts")).parseDuration,
    loadInspector: async () => (await import("./inspector.ts")).inspector,
    launcher: {
      inBackground: async (context) => (await launcher()).inBackground(context),
      inForeground: async (context) => (await launcher()).inForeground(context),
      serve: async (context) => (await launcher()).serve(context),
    },
  };
}

/**
 * The reader of configurations on this machine, with the version that these can refer to. What most runs do not
 * need is loaded when it is asked for.
 */
export async function loadReader(version = FAIL2BAN_VERSION): Promise<ConfigurationReader> {
  const [{ ConfigTree }, { readServerSettings }] = await Promise.all([
    import("../config/tree.ts"),
    import("../config/server-settings.ts"),
  ]);
  return {
    settings: (base, overrides, log) => readServerSettings(() => new ConfigTree(base, log), overrides),
    commands: async (base, request, log) => {
      const read = async (files: FileAccess, speakers: LogHub) => {
        const { readConfiguration } = await import("../config/read.ts");
        const { overrides, jail, purpose } = request;
        const options = { version, overrides, jail, dump: purpose === "dump", test: purpose === "test" };
        return readConfiguration(new ConfigTree(base, speakers, files), options);
      };
      const cache = request.purpose === "test" ? undefined : await readingCache();
      const key = [base, isAbsolute(base) ? "" : process.cwd(), version, request];
      return cache === undefined ? read(diskFiles, log) : cache.read({ key, log, read });
    },
    dump: async (commands, pretty) => {
      if (pretty) return (await import("../config/pretty.ts")).dumpPretty(commands);
      return (await import("../config/dump.ts")).dump(commands);
    },
  };
}

/** Only for a built package: sources that change must not be answered for by what they gave before. */
async function readingCache(): Promise<ReadingCache | undefined> {
  const folder = BUILD === undefined ? undefined : cacheFolder();
  if (BUILD === undefined || folder === undefined) return undefined;
  const { ReadingCache } = await import("../config/reading-cache.ts");
  return new ReadingCache(folder, BUILD);
}

/** Lone surrogates stand for bytes of the command line that are no UTF-8; they leave as those bytes. */
function encodeOutput(text: string): string | Buffer {
  if (text.isWellFormed()) return text;
  const parts = text.split(/([\udc80-\udcff])/).map((part, i) => {
    return i % 2 === 1 ? Buffer.from([part.charCodeAt(0) & 0xff]) : encodeUtf8(part);
  });
  return Buffer.concat(parts);
}

/** Whether output is UTF-8: always, unless the environment explicitly names another encoding. */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  const encoding = env.PYTHONIOENCODING || /\.([^@]+)/.exec(locale)?.[1] || "UTF-8";
  return /^utf-?8\b/i.test(encoding);
}
