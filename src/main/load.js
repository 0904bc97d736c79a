import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, Script } from "node:vm";
import { useCompileCache } from "./compile-cache.js";
import { servesHere, spawnEarly } from "./server-process.js";

/*
 * The first file of every program of the built package. All code is in two files, `programs.js` and that of the tester,
 * and beside them lies what the engine made of it when the package was built: a program starts without compiling
 * anything.
 */

const require = createRequire(import.meta.url);

/**
 * Compiles a program with the code kept for it.
 *
 * @param {string} program `client`, `server` or `regex`: what is going to be done
 */
export function compile(program) {
  const filename = fileOf(program);
  const source = readFileSync(filename, "latin1");
  return new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    cachedData: codeOf(program),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
}

/**
 * What a file with programs exports: a function for each of them.
 *
 * @param {Script} script
 * @param {string} program
 * @returns {Record<string, (early?: import("node:child_process").ChildProcess | null) => Promise<void>>}
 */
export function evaluate(script, program) {
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, fileOf(program), import.meta.dirname);
  return module.exports;
}

/**
 * Runs one program.
 *
 * @param {string} program `client`, `server` or `regex`
 */
export async function load(program) {
  const args = process.argv.slice(2);
  const early = program === "regex" ? null : spawnEarly(`${import.meta.dirname}/server.js`, args);
  const role = roleOf(program, args);
  const script = compile(role);
  if (script.cachedDataRejected !== false) {
    // Another version of Node than the package was built with: its own cache serves from the second run on.
    useCompileCache();
    return require(fileOf(program))[program](early);
  }
  await evaluate(script, program)[program]?.(early);
  // Nothing that was begun is worth waiting for, and it takes a while to take everything down in order.
  if (role !== "server") process.exit();
}

/**
 * What a program is going to do: `fail2ban-server` is a client of the server that it starts in the background, and
 * `fail2ban-client -f start` is a server.
 *
 * @param {string} program
 * @param {readonly string[]} args
 */
function roleOf(program, args) {
  if (program === "regex") return program;
  return servesHere(args) ? "server" : "client";
}

/** @param {string} program */
function fileOf(program) {
  return `${import.meta.dirname}/${program === "regex" ? "tester" : "programs"}.js`;
}

/** @param {string} program */
function codeOf(program) {
  try {
    return readFileSync(`${import.meta.dirname}/${program}.code`);
  } catch {
    return undefined;
  }
}
