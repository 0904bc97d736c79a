import { useCompileCache } from "./compile-cache.js";
import { makeObjectsYoung, useLinearFallback } from "./regexp-engine.js";

useLinearFallback();
makeObjectsYoung();
useCompileCache();
// Loaded only now, so that the cache serves it.
const { runRegex } = await import("./run-regex.ts");
await runRegex();
