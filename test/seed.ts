import fc from "fast-check";

/**
 * Loaded before every test file: property tests draw the same values in every run, so that a red test means a
 * change for the worse. `FAST_CHECK_SEED=random` looks for new cases, a number repeats those of a run.
 */
const wanted = process.env["FAST_CHECK_SEED"] ?? "20261121";
if (wanted !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
