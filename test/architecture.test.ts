import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { ROOT } from "./instance.ts";

/**
 * The rooms of docs/architecture.md and what each may import. Data flows one way: a room that needs something
 * of a later one gets it as a parameter.
 */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  pyvalue: "",
  pyregex: "pyvalue",
  time: "pyvalue pyregex log",
  log: "time",
  net: "pyvalue log time",
  config: "pyvalue log",
  source: "pyvalue log time net",
  detect: "pyvalue pyregex log time net",
  track: "pyvalue log time net detect",
  store: "pyvalue log time",
  enforce: "pyvalue log time net detect",
  jail: "pyvalue log time net config source detect track store enforce",
  control: "pyvalue log time net config detect track store enforce jail",
  server: "pyvalue log time net source store enforce jail control",
  check: "pyvalue pyregex log time config detect",
  client: "pyvalue log time config control check",
  "regex-tester": "pyvalue pyregex log time net config source detect",
  main: "log time config control server check client regex-tester",
};

/** Imports of the sources from one room into another: `room → other` with the file. */
function imports(): { from: string; to: string; file: string }[] {
  const found = [];
  for (const file of globSync("src/*/**/*.{ts,js}", { cwd: ROOT })) {
    if (/\.test\.ts$|testing|test-/.test(file)) continue;
    const from = file.split("/")[1]!;
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const [, a, b] of text.matchAll(/from "(\.\.?\/[^"]+)"|import\("(\.\.?\/[^"]+)"\)/g)) {
      const [top, to] = normalize(join(dirname(file), (a ?? b)!)).split("/");
      if (top === "src" && to && to !== from && to !== "version.ts") found.push({ from, to, file });
    }
  }
  return found;
}

test("every room is known, and imports only rooms that come before it", () => {
  const edges = imports();
  assert.ok(edges.length > 500, "the sources were found");
  const rooms = globSync("src/*/", { cwd: ROOT }).map((path) => path.split("/")[1]!);
  assert.deepEqual(rooms.sort(), Object.keys(MAY_IMPORT).sort());
  const wrong = edges.filter(({ from, to }) => !MAY_IMPORT[from]?.split(" ").includes(to));
  assert.deepEqual(
    wrong.map(({ from, to, file }) => `${from} imports ${to} in ${file}`),
    [],
  );
});

test("the manual names every room", () => {
  const manual = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
  for (const room of Object.keys(MAY_IMPORT)) assert.ok(manual.includes(`\`${room}/\``), room);
});
