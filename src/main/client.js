import { useCompileCache } from "./compile-cache.js";

useCompileCache();
// Loaded only now, so that the cache serves it.
const { run } = await import("./run.ts");
await run("fail2ban-client");
