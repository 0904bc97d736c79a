import fc from "fast-check";

/**
 * Loaded before every test file, so that a red test means a change for the worse. Property tests draw the same values in
 * every run: `FAST_CHECK_SEED=random` looks for new cases, a number repeats those of a run. Tests and what they start live
 * in UTC, where no hour comes twice; those about other zones say so.
 */
const wanted = process.env["FAST_CHECK_SEED"] ?? "20261121";
if (wanted !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
process.env["TZ"] = "UTC";
