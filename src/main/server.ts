import { useCompileCache } from "./compile-cache.ts";
import { useLinearFallback } from "./regexp-engine.ts";

useLinearFallback();
useCompileCache();
// Loaded only now, so that the cache serves it.
const { run } = await import("./run.ts");
await run("fail2ban-server");
