import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, Script } from "node:vm";
import { useCompileCache } from "./compile-cache.js";

/*
 * The first file of every program of the built package. All of its code is one file, `programs.js`, and beside that
 * lies what the engine made of it when the package was built: a program starts without compiling anything.
 */

const FILE = `${import.meta.dirname}/programs.js`;
const require = createRequire(FILE);

/**
 * Compiles the programs with the code kept for one of them.
 *
 * @param {string} program `client`, `server` or `regex`
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
 * @returns {Record<string, () => Promise<void>>}
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
  const script = await compile(program);
  if (script.cachedDataRejected !== false) {
    // Another version of Node than the package was built with: its own cache serves from the second run on.
    useCompileCache();
    return require(FILE)[program]();
  }
  return evaluate(script)[program]?.();
}

/**
 * The client looks at no log lines, and goes without what takes it longer to load than the rest of its work.
 *
 * @param {string} program
 */
async function setEngine(program) {
  if (program === "client") return;
  const { makeObjectsYoung, useLinearFallback } = await import("./regexp-engine.js");
  useLinearFallback();
  makeObjectsYoung();
}

/** @param {string} program */
function codeOf(program) {
  try {
    return readFileSync(`${import.meta.dirname}/${program}.code`);
  } catch {
    return undefined;
  }
}
