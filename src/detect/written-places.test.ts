import assert from "node:assert/strict";
import { test } from "node:test";
import { expandTags } from "./tags.ts";
import { WrittenPlaces } from "./written-places.ts";

test("places outside of tags are found exactly, those inside at the tag's ends", () => {
  const written = "^a <F-USER>\\S+</F-USER> from <HOST>$";
  const expanded = expandTags(written, "warn");
  const places = new WrittenPlaces(written, "warn");
  assert.equal(places.text, written);
  for (const part of ["^a ", "\\S+", " from ", "$"]) {
    assert.equal(places.find(expanded.indexOf(part), "start"), written.indexOf(part), part);
    const end = expanded.indexOf(part) + part.length;
    assert.equal(places.find(end, "end"), written.indexOf(part) + part.length, part);
  }
  const inHost = expanded.indexOf("ip4");
  assert.equal(places.find(inHost, "start"), written.indexOf("<HOST>"));
  assert.equal(places.find(inHost, "end"), written.indexOf("<HOST>") + "<HOST>".length);
  assert.equal(places.find(expanded.length, "end"), written.length);
});

test("an expression whose flags had to be moved is shown as it was expanded", () => {
  const places = new WrittenPlaces("((?i)abc) <ADDR>", "warn");
  assert.match(places.text, /^\(\?i:abc\) \\\[\?/);
  assert.equal(places.find(5, "start"), 5);
});
