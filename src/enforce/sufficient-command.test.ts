import assert from "node:assert/strict";
import { test } from "node:test";
import { sufficientCommand } from "./sufficient-command.ts";

test("a first command whose success ends the script", () => {
  assert.equal(sufficientCommand("nft add 2>/dev/null && exit 0\n{ repair; }; nft add"), "nft add");
  assert.equal(sufficientCommand("  nft add 2>/dev/null && exit 0; repair"), "nft add");
  assert.equal(sufficientCommand("nft add 2>/dev/null && exit 0"), "nft add");
});

test("scripts in which more runs after its success, or its complaint is heard", () => {
  for (const script of [
    "nft add",
    "nft add && exit 0\nrepair",
    "nft add 2>/dev/null && exit 1\nrepair",
    "nft add 2>/dev/null && exit 0 || repair",
    "nft add 2>/dev/null || exit 0\nrepair",
    "prepare\nnft add 2>/dev/null && exit 0",
  ]) {
    assert.equal(sufficientCommand(script), null, script);
  }
});
