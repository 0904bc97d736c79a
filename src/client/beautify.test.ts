import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fromGolden, type GoldenValue } from "../../test/golden-value.ts";
import { shared, skipWithout } from "../../test/shared.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { beautify, beautifyError, errorArguments, printUnexpected } from "./beautify.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

interface Case {
  command: GoldenValue[];
  response?: GoldenValue;
  error?: GoldenValue;
  printed: string;
  utf8?: boolean;
}

function printed(command: PyValue[], answer: PyValue, utf8 = true): string {
  try {
    return beautify(command, answer, utf8);
  } catch (error) {
    assert.ok(error instanceof UnexpectedAnswer);
    return printUnexpected(answer);
  }
}

test("recorded answers are printed as recorded", { skip: skipWithout("golden", "beautify.json") }, () => {
  const { cases }: { cases: Case[] } = JSON.parse(readFileSync(shared("golden", "beautify.json"), "utf8"));
  for (const { command, response, error, printed: expected, utf8 } of cases) {
    const name = JSON.stringify(command);
    if (error === undefined) {
      assert.equal(printed(command.map(fromGolden), fromGolden(response ?? null), utf8), expected, name);
      continue;
    }
    let failure = fromGolden(error) as PyError;
    // The recording lists arguments without the file name that the text shows.
    if (failure.className === "FileNotFoundError")
      failure = new PyError("builtins", failure.className, [...failure.args, "/x"]);
    assert.equal(beautifyError(failure), expected, name);
  }
});

/** Flavours that the reference cannot print; ours draws the table. */
const TABLES = new Set(["status-sshd-stats", "status-all-stats"]);

test("answers in recorded sessions are printed as recorded", {
  skip: skipWithout("golden", "client"),
}, () => {
  let checked = 0;
  for (const file of readdirSync(shared("golden", "client")).sort()) {
    const step = JSON.parse(readFileSync(shared("golden", "client", file), "utf8"));
    const exchange = step.wire?.at(-1);
    // An answer that is no pair is not printed.
    if (!exchange?.response?.tuple || step.stdin !== undefined || TABLES.has(step.name)) continue;
    const request: PyValue[] = exchange.request.map(fromGolden);
    const { items } = fromGolden(exchange.response) as { items: PyValue[] };
    let expected: string = step.stdout;
    if (items[0] === 0) {
      if (expected === "") continue;
      const utf8 = step.env?.PYTHONIOENCODING !== "ascii";
      assert.equal(`${printed(request, items[1] ?? null, utf8)}\n`, expected, step.name);
    } else {
      const error = items[1] as PyError;
      expected = expected.trimEnd().replace(/: '[^']*\/none\.\w+'$/, "");
      assert.equal(beautifyError(error), expected, step.name);
      assert.ok(step.stderr.includes(`NOK: ${errorArguments(error)}\n`), step.name);
    }
    checked++;
  }
  assert.ok(checked > 300, `${checked} steps`);
});

test("statistics by status are drawn as a table", () => {
  const stats = fromGolden(["polling", { tuple: [0, 1] }, { tuple: [2, 3] }]);
  const table = beautify(["status", "sshd", "stats"], stats);
  assert.match(table, /^ sshd {5}║ polling {2}║ {3}0 │ {3}1 ║ {3}2 │ {3}3$/m);
  assert.equal(beautify(["status", "--all", "stats"], new Map([["sshd", stats]])), table);
});

test("the file name of a system error is not among the logged arguments", () => {
  const error = new PyError("builtins", "FileNotFoundError", [2, "No such file or directory", "/x"]);
  assert.equal(errorArguments(error), "(2, 'No such file or directory')");
});
