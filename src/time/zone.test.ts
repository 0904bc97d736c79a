import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { shared, skipWithout } from "../../test/shared.ts";
import { LocalZone, parseLogTimeZone, readZone } from "./zone.ts";

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test("the abbreviations are those of the reference", {
  skip: skipWithout("golden/tz_abbreviations.json"),
}, () => {
  const text = readFileSync(shared("golden", "tz_abbreviations.json"), "utf8");
  const { offsets } = JSON.parse(text) as { offsets: Record<string, number> };
  // Names of two letters and mixed case are in the table, but no form of a zone admits them.
  for (const [name, minutes] of Object.entries(offsets)) {
    if (/^(?:[A-Z]|[A-Z]{3,5})$/.test(name)) assert.equal(readZone(name), minutes, name);
  }
});

test("letters and offset are added", () => {
  assert.equal(readZone("Z"), 0);
  assert.equal(readZone("+02"), 120);
  assert.equal(readZone("-03:30"), -210);
  assert.equal(readZone("CET+0100"), 120);
  assert.equal(readZone("+1٢"), 720);
  assert.deepEqual(readZone("utc"), { kind: "malformed" });
  assert.deepEqual(readZone(""), { kind: "malformed" });
  assert.deepEqual(readZone("XYZ"), { kind: "unknown", letters: "XYZ" });
});

test("logtimezone refuses what it does not know", () => {
  assert.equal(parseLogTimeZone("UTC+0200"), 120);
  const unknown = (value: string) => ({
    message: `Unknown or unsupported time zone: '${value}'`,
    className: "ValueError",
  });
  for (const value of ["Europe/Paris", "utc", "-5", "", "UTC+2500"]) {
    assert.throws(() => parseLogTimeZone(value), unknown(value));
  }
  assert.throws(() => parseLogTimeZone("XYZ"), { className: "KeyError" });
});

test("wall clock and epoch are converted into one another, also around changes of the clock", () => {
  process.env.TZ = "Europe/Berlin";
  const local = new LocalZone();
  const wall = (text: string) => Date.parse(`${text}Z`) / 1000;
  const epoch = wall;
  const later = epoch("2025-01-01T00:00:00");
  assert.equal(local.toEpoch(wall("2024-03-31T01:59:59"), later), epoch("2024-03-31T00:59:59"));
  assert.equal(
    local.toEpoch(wall("2024-03-31T02:30:00"), later),
    epoch("2024-03-31T01:30:00"),
    "skipped hour",
  );
  assert.equal(local.toEpoch(wall("2024-03-31T03:00:00"), later), epoch("2024-03-31T01:00:00"));
  const repeated = wall("2024-10-27T02:30:00");
  assert.equal(
    local.toEpoch(repeated, epoch("2024-10-27T00:30:01")),
    epoch("2024-10-27T00:30:00"),
    "the first time",
  );
  assert.equal(
    local.toEpoch(repeated, epoch("2024-10-27T01:30:00")),
    epoch("2024-10-27T01:30:00"),
    "the second",
  );
  assert.deepEqual(
    ["01:59:59", "02:00:00", "02:59:59", "03:00:00"].map((time) =>
      local.isRepeated(wall(`2024-10-27T${time}`)),
    ),
    [false, true, true, false],
  );
  assert.equal(local.toEpoch(wall("0050-01-01T00:00:00"), later) < wall("0050-01-01T00:00:00"), true);
  assert.equal(local.toWall(epoch("2024-07-01T00:00:00")), wall("2024-07-01T02:00:00"));
  assert.equal(local.toWall(epoch("2024-12-01T00:00:00.5")), wall("2024-12-01T01:00:00.5"));
});
