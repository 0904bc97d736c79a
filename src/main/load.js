import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, Script } from "node:vm";
import { useCompileCache } from "./compile-cache.js";
import { servesHere, spawnEarly } from "./server-process.js";

/*
 * The first file of every program of the built package. All of its code is one file, `programs.js`, and beside that
 * lies what the engine made of it when the package was built: a program starts without compiling anything.
 */

const FILE = `${import.meta.dirname}/programs.js`;
const require = createRequire(FILE);

/**
 * Compiles the programs with the code kept for one of them.
 *
 * @param {string} program `client`, `server` or `regex`: what is going to be done
 */
export async function compile(program) {
  await setEngine(program);
  const source = readFileSync(FILE, "latin1");
  return new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: FILE,
    cachedData: codeOf(program),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
}

/**
 * The programs as functions.
 *
 * @param {Script} script
 * @returns {Record<string, (early?: import("node:child_process").ChildProcess | null) => Promise<void>>}
 */
export function evaluate(script) {
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, FILE, import.meta.dirname);
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
  const script = await compile(role);
  if (script.cachedDataRejected !== false) {
    // Another version of Node than the package was built with: its own cache serves from the second run on.
    useCompileCache();
    return require(FILE)[program](early);
  }
  await evaluate(script)[program]?.(early);
  // Nothing that was begun is worth waiting for, and it takes a while to take everything down in order.
  if (role === "client") process.exit();
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

/**
 * Clients look at no log lines, and go without what takes them longer to load than the rest of their work.
 *
 * @param {string} role
 */
async function setEngine(role) {
  if (role === "client") return;
  const { growSlowly, keepCode, makeObjectsYoung, useLinearFallback } = await import("./engine.js");
  useLinearFallback();
  makeObjectsYoung();
  if (role === "regex") growSlowly();
  else keepCode();
}

/** @param {string} program */
function codeOf(program) {
  try {
    return readFileSync(`${import.meta.dirname}/${program}.code`);
  } catch {
    return undefined;
  }
}
