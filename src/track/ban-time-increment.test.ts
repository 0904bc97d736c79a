import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { PyError, PyFloat } from "../pyvalue/value.ts";
import { BanTimeIncrement } from "./ban-time-increment.ts";

interface Case {
  set: [string, string][];
  ban_time?: number;
  ban_count?: number;
  result?: number | { float: number } | { range: [number, number] };
  error?: string;
}

test("computed ban times equal the reference's", { skip: skipWithout("golden", "bantime.json") }, () => {
  const { compute } = JSON.parse(readFileSync(shared("golden", "bantime.json"), "utf8")) as {
    compute: Case[];
  };
  for (const c of compute) {
    const label = JSON.stringify(c);
    const run = () => {
      const increment = new BanTimeIncrement();
      for (const [name, value] of c.set) increment.set(name, value);
      return increment.computeExact(c.ban_time ?? 0, c.ban_count ?? 0);
    };
    if (c.error !== undefined) {
      const error = c.error;
      assert.throws(run, (e) => e instanceof PyError && error.startsWith(e.className), label);
      continue;
    }
    const value = run();
    if (typeof c.result === "number") assert.equal(value, c.result, label);
    else if (c.result && "float" in c.result) {
      assert.ok(value instanceof PyFloat, label);
      assert.ok(Math.abs(value.value / c.result.float - 1) < 1e-12, label);
    } else assert.fail(`unknown kind of result: ${label}`);
  }
});

test("the random part is added after the maximum", () => {
  const increment = new BanTimeIncrement(() => 0.5);
  increment.set("maxtime", "1h");
  increment.set("rndtime", "10m");
  assert.equal(increment.compute(600, 10), 3900);
});

test("a value that cannot be used leaves the old one in force", () => {
  const increment = new BanTimeIncrement();
  increment.set("multipliers", "1 2 4");
  assert.throws(() => increment.set("multipliers", "1 x"), /invalid literal for int\(\) with base 10: 'x'/);
  assert.deepEqual(increment.get("evmultipliers"), [1, 2, 4]);
  assert.equal(increment.get("multipliers"), "1 2 4");
  increment.set("multipliers", "");
  assert.equal(increment.get("multipliers"), null);
});
