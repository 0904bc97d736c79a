import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { StandardInput } from "./standard-input.ts";

function listener() {
  const heard = { text: "", trouble: [] as string[] };
  return {
    heard,
    onLines: (lines: Buffer) => {
      heard.text += lines.toString();
    },
    onTrouble: (message: string) => heard.trouble.push(message),
  };
}

test("all who listen get whole lines; the end is told, also to those who come later", async () => {
  const stream = new PassThrough();
  let opened = 0;
  const input = new StandardInput(() => {
    opened++;
    return stream;
  });
  const [first, second, late] = [listener(), listener(), listener()];
  assert.equal(opened, 0);
  input.listen(first);
  const leave = input.listen(second);
  assert.equal(opened, 1);
  stream.write("one\ntwo");
  await new Promise(setImmediate);
  leave();
  stream.end("2\nrest");
  await new Promise((resolve) => stream.once("end", resolve));
  assert.equal(first.heard.text, "one\ntwo2\nrest\n");
  assert.equal(second.heard.text, "one\n");
  const end = ["Standard input has ended, no more lines will come from there"];
  assert.deepEqual(first.heard.trouble, end);
  input.listen(late);
  assert.deepEqual(late.heard.trouble, end);
});

test("a standard input that cannot be opened is reported, not thrown", () => {
  const input = new StandardInput(() => {
    throw new Error("EBADF");
  });
  const one = listener();
  input.listen(one);
  assert.deepEqual(one.heard.trouble, ["Unable to read standard input: EBADF"]);
});
