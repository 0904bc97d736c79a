import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleHub } from "./console.ts";

test("verbosity of programs run by hand", () => {
  assert.deepEqual(
    [-1, 0, 1, 2, 3, 4, 9].map((v) => consoleHub(v).level),
    [40, 40, 30, 20, 10, 5, 5],
  );
});

test("lines for standard error", () => {
  let text = "";
  for (const verbosity of [1, 3, 4, 5]) {
    const hub = consoleHub(verbosity, (line) => {
      text += line;
    });
    hub.logger("fail2ban").error("wrong");
  }
  const [plain, debug, heavy, heaviest, end] = text.split("\n");
  assert.match(plain ?? "", /^\d{4}-\d\d-\d\d \S+ fail2ban {16}\[\d+\]: ERROR {3}wrong$/);
  assert.match(debug ?? "", /^ \S+ +[0-9A-F]+ ERROR wrong$/);
  assert.match(heavy ?? "", /^\+ *\d+ [0-9A-F]+ fail2ban {17} ERROR wrong$/);
  assert.match(heaviest ?? "", /^\+ *\d+ [0-9A-F]+ fail2ban {17} ERROR 40 wrong$/);
  assert.equal(end, "");
});
