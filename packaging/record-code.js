import { chmodSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { useDefaults } from "../src/main/engine.js";

/*
 * Runs one program of a built package several times in one process, then writes down the code that the engine
 * compiled. Usage: record-code.js DIST PROGRAM RUNS, the last the lists of arguments of the runs as JSON.
 */

const [dist = "", program = "", runs = "[]"] = process.argv.slice(2);
const { compile, evaluate } = createRequire(import.meta.url)(join(dist, "main/load.js"));
const script = compile(program);
const run = evaluate(script, program)[program];
process.on("exit", () => {
  useDefaults();
  const file = join(dist, "main", `${program}.code`);
  writeFileSync(file, script.createCachedData());
  // The server has seen to it that nobody else can read what it writes.
  chmodSync(file, 0o644);
});
for (const args of JSON.parse(runs)) {
  process.argv = [process.execPath, program, ...args];
  await run();
  // The next run would set it anew.
  if (process.exitCode !== 0) throw new Error(`${program} ${args.join(" ")} failed with ${process.exitCode}`);
}
