import { useCompileCache } from "./compile-cache.js";
import { spawnEarly } from "./server-process.js";

const early = spawnEarly(`${import.meta.dirname}/server.js`, process.argv.slice(2));
useCompileCache();
// Loaded only now, so that the cache serves it.
const { run } = await import("./run.ts");
await run("fail2ban-server", early);
