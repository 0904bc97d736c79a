import { useCompileCache } from "./compile-cache.js";

useCompileCache();
// Loaded only now, so that the cache serves it.
const { runRegex } = await import("./run-regex.ts");
await runRegex();
