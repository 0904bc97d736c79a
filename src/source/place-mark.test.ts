import assert from "node:assert/strict";
import { test } from "node:test";
import { isHole, isRewritten, NO_MARK, zerosBefore } from "./place-mark.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

test("a place is known by the bytes before it; a hole there is no sign of rewriting", () => {
  assert.equal(isRewritten(bytes("old\n"), bytes("old\n")), false);
  assert.equal(isRewritten(bytes("new\n"), bytes("old\n")), true);
  assert.equal(
    isRewritten(bytes("\0\0\0\0"), bytes("old\n")),
    false,
    "truncated under a writer that goes on",
  );
  assert.equal(isRewritten(bytes("ol"), bytes("old\n")), false, "shorter: its size shows that");
  assert.equal(isRewritten(NO_MARK, NO_MARK), false);
});

test("zeros in front are counted, and only they", () => {
  assert.equal(zerosBefore(bytes("\0\0x\0")), 2);
  assert.equal(zerosBefore(bytes("\0\0")), 2);
  assert.equal(zerosBefore(bytes("x")), 0);
  assert.equal(isHole(bytes("\0\0")), true);
  assert.equal(isHole(bytes("\0x")), false);
  assert.equal(isHole(NO_MARK), false);
});
