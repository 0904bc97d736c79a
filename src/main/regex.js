import { resolve } from "node:path";
import { useCompileCache } from "./compile-cache.js";
import { makeObjectsYoung, useLinearFallback } from "./regexp-engine.js";

useLinearFallback();
makeObjectsYoung();
useCompileCache();
// Loaded only now, so that the cache serves them.
const [{ runProgram }, { systemClock }, { FAIL2BAN_VERSION }, { programArguments }] = await Promise.all([
  import("../regex-tester/program.ts"),
  import("../time/clock.ts"),
  import("../version.ts"),
  import("./arguments.ts"),
]);
// A reader that went away (`| head`) is no failure.
process.stdout.on("error", () => process.exit(0));
process.exitCode = await runProgram(programArguments(), {
  program: resolve(import.meta.dirname, "../../bin/fail2ban-regex"),
  version: FAIL2BAN_VERSION,
  clock: systemClock,
  variables: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  ...(process.stderr.isTTY ? { terminal: standardError() } : {}),
});

function standardError() {
  return {
    write: (text) => process.stderr.write(text),
    columns: () => process.stderr.columns || 80,
    now: () => performance.now(),
  };
}
