import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../time/clock.ts";
import { Complaints } from "./complaints.ts";

test("one message a minute, the same one not again within the hour", () => {
  const clock = new ManualClock(0);
  const said: string[] = [];
  const complaints = new Complaints(clock, (message) => said.push(message));
  complaints.complain("a");
  complaints.complain("b");
  clock.advance(30);
  complaints.complain("c");
  assert.deepEqual(said, ["a"]);
  clock.advance(30);
  complaints.complain("a");
  complaints.complain("b");
  assert.deepEqual(said, ["a", "b (3 more messages like this were held back)"]);
  clock.advance(3599);
  complaints.complain("b");
  assert.equal(said.length, 2);
  clock.advance(1);
  complaints.complain("b");
  assert.equal(said.at(-1), "b (1 more messages like this were held back)");
});
