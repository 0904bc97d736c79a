import assert from "node:assert/strict";
import { test } from "node:test";
import { cleaningRequest } from "./nft-cleaning.ts";

const read = (script: string) => cleaningRequest({ script, values: [] });
const REMOVE =
  ": nft-remove /usr/sbin/nft inet f2b-table f2b-chain addr-set-a net-set-a\nnft delete …\n: end\n";

test("a command that says what it does is understood", () => {
  assert.deepEqual(read(REMOVE), {
    kind: "remove",
    program: "/usr/sbin/nft",
    family: "inet",
    table: "f2b-table",
    chain: "f2b-chain",
    sets: ["addr-set-a", "net-set-a"],
  });
  assert.equal(read(REMOVE.replace("remove", "flush"))?.kind, "flush");
});

test("with anything before or behind it, it is left to the shell", () => {
  for (const script of [
    `echo begins\n${REMOVE}`,
    `${REMOVE}echo ends`,
    REMOVE.replace(": end", ""),
    REMOVE.replace("nft-remove", "nft-eat"),
    REMOVE.replace(" addr-set-a net-set-a", ""),
    REMOVE.replace("net-set-a", "net-set-a; reboot"),
    REMOVE.replace("net-set-a", "$(reboot)"),
    REMOVE.replace("/usr/sbin/nft", "'sudo nft'"),
    "",
  ]) {
    assert.equal(read(script), null, script);
  }
  assert.equal(cleaningRequest({ script: REMOVE, values: ["x"] }), null);
});
