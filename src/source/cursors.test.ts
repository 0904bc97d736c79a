import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cursor, CursorReader } from "./cursor.ts";
import { Cursors } from "./cursors.ts";
import { lookupEncoding } from "./encoding.ts";
import type { OpenFile } from "./open-file.ts";
import { NO_MARK } from "./place-mark.ts";

const UTF8 = lookupEncoding("utf-8");
const LATIN1 = lookupEncoding("latin-1");
/** Cursors only carry the file along. */
const FILE = {} as OpenFile;

class Reader implements CursorReader {
  active = true;
  settledAt: number[] = [];
  lines(): void {}
  settled({ offset }: Cursor): void {
    this.settledAt.push(offset);
  }
  rotated(): void {}
  skipped(): void {}
  failed(): void {}
}

function setUp() {
  const cursors = new Cursors();
  const place = (offset: number, { decoder = UTF8, held = false, reader = new Reader() } = {}) =>
    cursors.place(reader, FILE, decoder, offset, held);
  return { cursors, place };
}

test("those at one place are served together, whoever waited longest first", () => {
  const { cursors, place } = setUp();
  const [a, b, c, d] = [place(10), place(10), place(10, { decoder: LATIN1 }), place(90)];
  place(10, { held: true });
  const served = () => cursors.nextGroup(1)?.unmoved();
  assert.deepEqual(served(), [d], "nobody was served yet: the one ahead");
  assert.deepEqual(served(), [a, b]);
  assert.deepEqual(served(), [c], "another decoder finds other lines");
  assert.deepEqual(served(), [d]);
});

test("nobody is left when all have reached the end since the wake, or want nothing", () => {
  const { cursors, place } = setUp();
  const [first, second] = [new Reader(), new Reader()];
  place(5, { reader: first });
  place(5, { reader: second });
  const group = cursors.nextGroup(1)!;
  group.settle(1);
  assert.deepEqual([first.settledAt, second.settledAt], [[5], [5]]);
  assert.equal(cursors.nextGroup(1), null);
  first.active = false;
  assert.equal(cursors.nextGroup(2)?.unmoved().length, 1);
  second.active = false;
  assert.equal(cursors.nextGroup(2), null);
});

test("a reader behind stops where another goes on, unless no line begins there", () => {
  const { cursors, place } = setUp();
  const behind = place(10);
  place(25, { held: true });
  place(40);
  assert.equal(cursors.room(behind, 100), 30);
  assert.equal(cursors.room(behind, 20), 20);
  cursors.nextGroup(1);
  cursors.nextGroup(1)!.cannotStopAt(40);
  assert.equal(cursors.room(behind, 100), 100);
});

test("who was moved, removed or paused while the file was read does not pass", () => {
  const { cursors, place } = setUp();
  const paused = new Reader();
  const [stays, moved, removed] = [place(7), place(7), place(7)];
  place(7, { reader: paused });
  const group = cursors.nextGroup(1)!;
  group.setKnown(3);
  moved.offset = 0;
  paused.active = false;
  cursors.remove(removed);
  const mark = Buffer.from("end\n");
  assert.deepEqual(group.pass(20, mark), [stays]);
  assert.deepEqual([stays.offset, stays.known, stays.mark], [27, 0, mark]);
  assert.deepEqual([moved.offset, removed.offset], [0, 7]);
});

test("what one of them knows of the bytes before serves for all", () => {
  const { cursors, place } = setUp();
  place(4);
  assert.equal(cursors.nextGroup(1)!.mark, NO_MARK);
  const second = place(4);
  second.mark = Buffer.from("one\n");
  cursors.nextGroup(1)!.settle(1);
  assert.equal(cursors.nextGroup(2)!.mark, second.mark);
});
