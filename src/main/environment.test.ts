import assert from "node:assert/strict";
import { test } from "node:test";
import { isUtf8 } from "./environment.ts";

test("output is UTF-8 unless the environment names another encoding", () => {
  assert.equal(isUtf8({}), true);
  assert.equal(isUtf8({ LANG: "C" }), true);
  assert.equal(isUtf8({ LANG: "de_DE.UTF-8" }), true);
  assert.equal(isUtf8({ LANG: "de_DE.utf8@euro" }), true);
  assert.equal(isUtf8({ LANG: "de_DE.ISO-8859-1" }), false);
  assert.equal(isUtf8({ LC_ALL: "C.UTF-8", LANG: "de_DE.ISO-8859-1" }), true);
  assert.equal(isUtf8({ LC_ALL: "C.UTF-8", PYTHONIOENCODING: "ascii" }), false);
});
