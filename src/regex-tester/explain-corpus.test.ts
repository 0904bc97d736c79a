import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { referenceTree } from "../../test/reference.ts";
import { shared, skipWithout } from "../../test/shared.ts";
import { runTester } from "./testing.ts";

process.env["TZ"] = "UTC";

/** Lines of each filter that are explained; some are made, so that they nearly match. */
const LINES_EACH = 3;

const tree = referenceTree();
const skip = skipWithout("corpus", "stock-1.0.2") || (tree ? false : "the reference's tree is not unpacked");
const folder = shared("corpus", "stock-1.0.2");
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".jsonl")) : [];

interface Sample {
  readonly options: Record<string, string>;
  readonly journal?: boolean;
  readonly line: string;
}

describe("--explain gives the verdict that a test gives", { skip }, () => {
  for (const file of files) {
    test(file, async () => {
      const samples = readFileSync(join(folder, file), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((text) => JSON.parse(text) as Sample)
        .filter(({ journal, line }) => !journal && line !== "" && !line.startsWith("#"));
      const step = Math.max(1, Math.floor(samples.length / LINES_EACH));
      for (const [i, { options, line }] of samples.entries()) {
        if (i % step !== 0) continue;
        const parameters = Object.entries(options).map(([key, value]) => `${key}="${value}"`);
        const filter = `${join(tree!, "filter.d", file.replace(/jsonl$/, "conf"))}[${parameters.join()}]`;
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
