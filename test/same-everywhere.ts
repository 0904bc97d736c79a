import { isMainThread } from "node:worker_threads";
import fc from "fast-check";

/**
 * Loaded before every test file, so that a red test means a change for the worse. Property tests draw the same values in
 * every run: `FAST_CHECK_SEED=random` looks for new cases, a number repeats those of a run. Tests and what they start live
 * in UTC, where no hour comes twice, and others may read their files; those about other zones and modes say so.
 */
const wanted = process.env["FAST_CHECK_SEED"] ?? "20261121";
if (wanted !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
process.env["TZ"] = "UTC";
// Threads have what their process has, and may not change it.
if (isMainThread) process.umask(0o022);
