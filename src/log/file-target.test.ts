import assert from "node:assert/strict";
import { test } from "node:test";
import { FileTarget } from "./file-target.ts";
import { LEVELS } from "./logger.ts";

const BAN = { logger: "fail2ban.actions", level: LEVELS.NOTICE, message: "[sshd] Ban 192.0.2.7" };

/** A target on a disk with so much room, in bytes. */
function onDisk(room: number) {
  const disk = { room, text: "", writes: 0 };
  const target = new FileTarget("/x", (record) => record.message, {
    open: () => 3,
    close: () => {},
    write: (_fd, bytes) => {
      if (disk.room === 0) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      const part = bytes.subarray(0, disk.room);
      disk.room -= part.length;
      disk.text += Buffer.from(part).toString();
      disk.writes++;
      return part.length;
    },
  });
  return { disk, target, write: (message: string) => target.write({ ...BAN, message }) };
}

test("a full disk costs the lines of that time and says so", () => {
  const { disk, write } = onDisk(30);
  write("first line");
  write("second line is torn");
  write("third");
  disk.room = 1000;
  write("fourth");
  write("fifth");
  assert.deepEqual(disk.text.split("\n"), [
    "first line",
    "second line is torn".slice(0, 19),
    "Log file could not be written (ENOSPC), 2 line(s) are missing before this one",
    "fourth",
    "fifth",
    "",
  ]);
});

test("lines of work that logs much are written together, in their order", () => {
  const { disk, target, write } = onDisk(1000);
  write("before");
  target.together(() => {
    write("one");
    target.together(() => write("two"));
    assert.equal(disk.text, "before\n");
    write("three");
  });
  write("after");
  assert.equal(disk.text, "before\none\ntwo\nthree\nafter\n");
  assert.equal(disk.writes, 3);
});

test("work that throws has its lines written all the same", () => {
  const { disk, target, write } = onDisk(1000);
  const fails = () =>
    target.together(() => {
      write("one");
      throw new Error("no");
    });
  assert.throws(fails, /no/);
  write("after");
  assert.equal(disk.text, "one\nafter\n");
});

test("much that is written together does not wait for its end", () => {
  const { disk, target, write } = onDisk(Number.POSITIVE_INFINITY);
  target.together(() => {
    for (let line = 0; line < 200; line++) write("x".repeat(1023));
    assert.equal(disk.text.length, 192 * 1024);
  });
  assert.equal(disk.text.length, 200 * 1024);
});

test("of lines that are written together a full disk costs those without room", () => {
  const { disk, target, write } = onDisk(10);
  target.together(() => {
    for (const line of ["one", "two", "three", "four"]) write(line);
  });
  disk.room = 1000;
  write("after");
  assert.deepEqual(disk.text.split("\n"), [
    "one",
    "two",
    "th",
    "Log file could not be written (no space left), 2 line(s) are missing before this one",
    "after",
    "",
  ]);
});
