import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";

/**
 * Builds the package's `dist/`: all programs in two files, what the engine makes of them when they do their usual
 * work, and `pyregex` for use alone. Usage: build.ts [FOLDER], by default `dist` of this checkout.
 */

const ROOT = resolve(import.meta.dirname, "..");
const PROGRAMS = ["client", "server", "regex"] as const;
/** How often a server is asked whether it is there. */
const MOST_TRIES = 100;

/** The shipped filters have none, others do. */
const CONDITIONAL = "(?P<error>error: )?(?:maximum|Failed) .* (?(error)for|from) .*<HOST>";

/** Stands in for what only modules have. */
const FILE_URL = 'const fileUrl = require("node:url").pathToFileURL(__filename).href;';

const target = resolve(process.argv[2] ?? join(ROOT, "dist"));
rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "main"), { recursive: true });
await bundle("src/main/programs.ts", "main/programs.js", "cjs");
const digest = createHash("sha256")
  .update(readFileSync(join(target, "main/programs.js")))
  .digest("hex");
await bundle("src/main/programs.ts", "main/programs.js", "cjs", digest.slice(0, 16));
await bundle("src/main/tester.ts", "main/tester.js", "cjs");
await bundle("src/regex-tester/block-worker.ts", "main/block-worker.js", "cjs");
await bundle("src/main/load.js", "main/load.js", "cjs");
await bundle("src/pyregex/compile.ts", "pyregex/compile.mjs", "esm");
// The checkout's own package.json says that files are modules; these are not.
writeFileSync(join(target, "package.json"), '{ "type": "commonjs" }\n');
for (const program of PROGRAMS) {
  writeFileSync(join(target, "main", `${program}.js`), `require("./load.js").load("${program}");\n`);
}
await recordCode();

/** @param build names what the file was made of, for caches */
function bundle(entry: string, file: string, format: "cjs" | "esm", name = "") {
  const define = {
    "import.meta.dirname": "__dirname",
    "import.meta.url": "fileUrl",
    FAIL2BAN_BUILD: JSON.stringify(name),
  };
  return build({
    entryPoints: [join(ROOT, entry)],
    outfile: join(target, file),
    bundle: true,
    platform: "node",
    target: "node26",
    format,
    // Names stay: they are what a trace of the stack tells.
    minifyWhitespace: true,
    minifySyntax: true,
    ...(format === "cjs" ? { define, banner: { js: FILE_URL } } : {}),
    logLevel: "warning",
  });
}

/** Lets each program do its usual work once, and keeps the code that the engine compiled for it. */
async function recordCode(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fail2ban-ts-build-"));
  try {
    const options = instance(folder);
    const server = record("server", [[...options, "-f", "start"]]);
    const served = finished(server);
    const client = (...words: string[]) =>
      spawnSync(process.execPath, [join(target, "main/client.js"), ...options, ...words]);
    try {
      for (let tries = 0; client("ping").status !== 0; tries++) {
        if (tries > MOST_TRIES) throw new Error("the server does not answer");
      }
      const commands = [["-d"], ["status", "sshd"], ["ping"], ["set", "sshd", "banip", "192.0.2.1"]];
      const runs = [...commands, ["banned"], ["reload"], ["restart"]].map((words) => [...options, ...words]);
      await finished(record("client", runs));
      await served;
    } finally {
      // The one that is recorded, if something went wrong, and the one that took its place.
      server.kill("SIGKILL");
      client("stop");
    }
    await finished(record("regex", testsOfLogs(folder, options)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Command lines of the tester that make use of most of what testing an ordinary log takes. */
function testsOfLogs(folder: string, options: readonly string[]): string[][] {
  const logOf = (service: string) => {
    const samples = readFileSync(join(ROOT, `test/samples/${service}.log`), "latin1");
    const log = join(folder, `${service}.log`);
    // More of them than are listed. In front of each stands what the filter has to make of it.
    writeFileSync(log, samples.replace(/^(?:[^\t]*\t|.*\n)/gm, "").repeat(3), "latin1");
    return log;
  };
  const tests = ["sshd", "postfix", "nginx-botsearch"].map((filter) => [...options, logOf(filter), filter]);
  return [...tests, [...options, logOf("sshd"), CONDITIONAL]];
}

/** Writes a configuration with one jail that bans nowhere; gives the options that lead to it. */
function instance(folder: string): string[] {
  const path = (name: string) => join(folder, name);
  cpSync(join(ROOT, "config"), path("etc"), { recursive: true });
  writeFileSync(path("x.log"), readFileSync(join(ROOT, "test/samples/sshd.log")));
  writeFileSync(
    path("etc/jail.local"),
    `[DEFAULT]\nbanaction = dummy\n[sshd]\nenabled = true\nbackend = polling\nlogpath = ${path("x.log")}\n`,
  );
  writeFileSync(
    path("etc/fail2ban.local"),
    `[Definition]\nlogtarget = ${path("log")}\ndbfile = ${path("db")}\nsocket = ${path("socket")}\npidfile = ${path("pid")}\n`,
  );
  return ["-c", path("etc")];
}

function record(program: (typeof PROGRAMS)[number], runs: readonly (readonly string[])[]) {
  const recorder = join(import.meta.dirname, "record-code.js");
  return spawn(process.execPath, [recorder, target, program, JSON.stringify(runs)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Fulfilled at the end of a recording that went well. */
function finished(child: ReturnType<typeof record>): Promise<void> {
  const ended = once(child, "exit").then(([code, signal]) => {
    if (code !== 0) throw new Error(`recording ended with ${signal ?? code}`);
  });
  // It is awaited in the end, when something else may have failed before.
  ended.catch(() => {});
  return ended;
}
