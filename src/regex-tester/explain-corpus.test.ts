import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { referenceTree } from "../../test/reference.ts";
import { STOCK_FILTERS, skipWithoutStockCorpus, stockSamples } from "../../test/stock-corpus.ts";
import { runTester } from "./testing.ts";

process.env["TZ"] = "UTC";

/** Lines of each filter that are explained; some are made, so that they nearly match. */
const LINES_EACH = 3;

const tree = referenceTree();

describe("--explain gives the verdict that a test gives", { skip: skipWithoutStockCorpus }, () => {
  for (const name of STOCK_FILTERS) {
    test(name, async () => {
      const samples = stockSamples(name).filter(
        ({ journal, line }) => !journal && line !== "" && !line.startsWith("#"),
      );
      const step = Math.max(1, Math.floor(samples.length / LINES_EACH));
      for (const [i, { options, line }] of samples.entries()) {
        if (i % step !== 0) continue;
        const parameters = Object.entries(options).map(([key, value]) => `${key}="${value}"`);
        const filter = `${join(tree!, "filter.d", `${name}.conf`)}[${parameters.join()}]`;
        for (const text of [line, line.replace(/\d+\.\d+\.\d+\.\d+/, "x"), `${line}é!`]) {
          const args = ["-c", tree!, "-r", text, filter];
          const found = (await runTester(["-o", "fid", ...args])).out.split("\n")[0];
          const explained = JSON.parse((await runTester(["--explain", "--json", ...args])).out);
          const { result, id } = explained.verdict;
          assert.equal(result === "failure" ? id : "", found, `${filter}: ${text}`);
        }
      }
    });
  }
});
