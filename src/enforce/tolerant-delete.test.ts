import assert from "node:assert/strict";
import { test } from "node:test";
import { firewallStatement, transactionText } from "./firewall-statement.ts";
import { tolerantDelete } from "./tolerant-delete.ts";

const DELETE = "nft delete element inet t s \\{ 192.0.2.1 \\}";
const GET = "nft get element inet t s \\{ 192.0.2.1 \\}";

test("a deletion that is content when the element is gone", () => {
  assert.equal(tolerantDelete(`${DELETE} || ! ${GET} >/dev/null 2>&1`), DELETE);
  for (const other of [
    DELETE,
    `${DELETE} || ! ${GET}`,
    `${DELETE} || ${GET} >/dev/null 2>&1`,
    `${DELETE} || ! ${GET.replace("2.1", "2.2")} >/dev/null 2>&1`,
    `${DELETE} || ! nft get element inet t other \\{ 192.0.2.1 \\} >/dev/null 2>&1`,
    `${DELETE} || ! ${GET} >/dev/null 2>&1 || reboot`,
  ]) {
    assert.equal(tolerantDelete(other), null, other);
  }
});

test("such deletions are made in a transaction that cannot fail for it, those beside them as before", () => {
  const statements = ["192.0.2.1", "192.0.2.2"].map((ip) => {
    const script = `${DELETE} || ! ${GET} >/dev/null 2>&1`.replaceAll("192.0.2.1", ip);
    return firewallStatement({ script, values: [] })!;
  });
  const strict = firewallStatement({ script: DELETE, values: [] })!;
  assert.equal(
    transactionText([...statements, strict]),
    "add element inet t s { 192.0.2.1, 192.0.2.2 }\n" +
      "delete element inet t s { 192.0.2.1, 192.0.2.2 }\n" +
      "delete element inet t s { 192.0.2.1 }\n",
  );
});
