import { useCompileCache } from "./compile-cache.js";
import { useLinearFallback } from "./regexp-engine.js";

useLinearFallback();
useCompileCache();
// Loaded only now, so that the cache serves it.
const { runRegex } = await import("./run-regex.ts");
await runRegex();
