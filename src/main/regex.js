import { useCompileCache } from "./compile-cache.js";
import { growSlowly, makeObjectsYoung, useLinearFallback } from "./engine.js";

useLinearFallback();
makeObjectsYoung();
growSlowly();
useCompileCache();
// Loaded only now, so that the cache serves it.
const { runRegex } = await import("./run-regex.ts");
await runRegex();
