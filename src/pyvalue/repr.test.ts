import assert from "node:assert/strict";
import { test } from "node:test";
import { repr, str } from "./repr.ts";
import { PyBytes, PyError, PyFloat, PyTuple } from "./value.ts";

test("literals are written as Python writes them", () => {
  assert.equal(repr([null, true, false, 1, new PyFloat(3600)]), "[None, True, False, 1, 3600.0]");
  assert.equal(repr(new PyTuple(1)), "(1,)");
  assert.equal(repr(new PyTuple("a", [])), "('a', [])");
  assert.equal(repr(new Map([["k", "v"]])), "{'k': 'v'}");
  assert.equal(repr(new PyBytes(Buffer.from([0, 0x41, 0xff]))), "b'\\x00A\\xff'");
});

test("quotes and escapes of strings", () => {
  assert.equal(repr("it's"), '"it\'s"');
  assert.equal(repr(`it's "x"`), `'it\\'s "x"'`);
  assert.equal(repr("a\tb\nc\\d\x7f\u00a0\u2028é\u{1f600}"), "'a\\tb\\nc\\\\d\\x7f\\xa0\\u2028é\u{1f600}'");
  assert.equal(repr("\u{e0001}"), "'\\U000e0001'");
  assert.equal(repr("\udc80"), "'\\udc80'");
});

test("floats", () => {
  for (const [value, text] of [
    [1e16, "1e+16"],
    [0.1, "0.1"],
    [1e-7, "1e-07"],
    [1e22, "1e+22"],
    [123456789012345, "123456789012345.0"],
  ] as const) {
    assert.equal(repr(new PyFloat(value)), text);
  }
});

test("text of exceptions", () => {
  assert.equal(str(new PyError("builtins", "Exception", ["Invalid command"])), "Invalid command");
  assert.equal(
    str(new PyError("builtins", "KeyError", ["Invalid Action name: x"])),
    "'Invalid Action name: x'",
  );
  assert.equal(
    str(new PyError("builtins", "FileNotFoundError", [2, "No such file or directory", "/x"])),
    "[Errno 2] No such file or directory: '/x'",
  );
  assert.equal(repr(new PyError("builtins", "ValueError", ["x"])), "ValueError('x')");
});
