import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "./clock.ts";
import { DateDetector } from "./date-detector.ts";
import { dateStart } from "./date-place.ts";
import { accessScanner, isoScanner, syslogScanner } from "./date-scan.ts";
import { defaultTemplates, embeddedTemplates } from "./default-templates.ts";

const NOW = 1_718_452_800;

/** Texts that are dates, nearly dates, or what may stand around them. */
const two = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, "0"));
const clock = fc.oneof(
  fc.tuple(two, two, two).map((parts) => parts.join(":")),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(11, 19)),
);
const syslogDate = fc
  .tuple(
    fc.constantFrom("Nov", "jan", "MAY", "Sat Mar", "Foo", "nőv"),
    fc.constantFrom(" ", "  "),
    fc.oneof(two, fc.constantFrom("1", " 3", "21", "32", "0")),
    fc.constantFrom(" ", "  ", "-"),
    clock,
  )
  .map((parts) => parts.join(""));
const isoDate = fc
  .tuple(
    fc.constantFrom("2024", "2019", "1999", "2031", "20x4", "٢024"),
    fc.constantFrom("-", "/", ".", "_"),
    two,
    fc.constantFrom("-", "/", "."),
    two,
    fc.constantFrom(" ", "T", "  ", "t"),
    clock,
  )
  .map((parts) => parts.join(""));
const plainIsoDate = fc
  .tuple(
    fc.date({ min: new Date("2000-01-01"), max: new Date("2029-12-31"), noInvalidDate: true }),
    fc.constantFrom(" ", "T"),
  )
  .map(([date, between]) => date.toISOString().slice(0, 19).replace("T", between));
const accessDate = fc
  .tuple(
    fc.oneof(two, fc.constantFrom("01", "21", " 3", "9")),
    fc.constantFrom("/", "/", "-"),
    fc.constantFrom("Nov", "jan", "MAY", "Foo", "nőv", "11"),
    fc.constantFrom("/", "/", "-"),
    fc.constantFrom("2024", "2019", "1999", "2031", "20x4", "24"),
    fc.constantFrom(":", ":", " ", ""),
    clock,
  )
  .map((parts) => parts.join(""));
const tail = fc.oneof(
  fc.constantFrom(
    "",
    " x",
    "Z",
    "Z x",
    "Zx",
    ",123 y",
    ".123456",
    ".1234567 x",
    ".",
    ", x",
    "x",
    "é",
    " é",
    "]: ",
  ),
  fc.constantFrom(
    "+0200",
    "+02:00 x",
    "-03",
    " +0200",
    " UTC",
    " GMT x",
    " 2024",
    " 2024x",
    " +0000] x",
    " +00:00] x",
    ".123 +0000",
    " -0130x",
    " z",
    " gmt",
    "  x",
    "\t+02",
    "-host",
  ),
  fc.constantFrom(",123+0100", ".5Z", " U", "+02:00:00", "+1999", "+2000", "_", "\u0301", ":", " 5"),
);
const line = fc
  .tuple(
    fc.constantFrom("", "", "", " ", "["),
    fc.oneof(syslogDate, isoDate, plainIsoDate, accessDate),
    tail,
    fc.constantFrom("", " end"),
  )
  .map((parts) => parts.join(""));

for (const [name, scanner] of Object.entries({ syslogScanner, isoScanner, accessScanner })) {
  test(`${name} never contradicts the expression of its template`, () => {
    const template = defaultTemplates().find((candidate) => candidate.scanner === scanner)!;
    fc.assert(
      fc.property(line, (text) => {
        const end = scanner.end(text, 0);
        if (end < 0) return;
        const match = template.search(text);
        assert.deepEqual([match?.start, match?.dateStart, match?.dateEnd], [0, 0, end]);
      }),
      { numRuns: 3000 },
    );
  });
}

test("a date behind the first bracket is the one that the expression finds", () => {
  const templates = embeddedTemplates("^[^\\[]*\\[({DATE})").filter(({ scanner }) => scanner !== null);
  assert.equal(templates.length, 3);
  const front = fc.constantFrom("", "192.0.2.1 - - [", "[", "a [b] [", "x 2024-01-02 10:00:00 [");
  fc.assert(
    fc.property(front, line, (begin, rest) => {
      const text = begin + rest;
      for (const template of templates) {
        const start = dateStart(text, template.place);
        const end = start < 0 ? -1 : template.scanner!.end(text, start);
        if (end < 0) continue;
        const match = template.search(text);
        assert.deepEqual([match?.start, match?.dateStart, match?.dateEnd, match?.end], [0, start, end, end]);
      }
    }),
    { numRuns: 3000 },
  );
});

test("what is scanned is read as the expression's groups are", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
      const learning = new DateDetector({ clock: new ManualClock(NOW) });
      for (const text of [...lines, ...lines]) {
        const fresh = new DateDetector({ clock: new ManualClock(NOW) });
        const found = learning.find(text);
        const expected = fresh.find(text);
        // A template in use may win over the one that a fresh detector chooses; then there is nothing to compare.
        if (found?.template !== expected?.template) continue;
        assert.deepEqual(
          [found?.date, found?.epoch, found?.isInteger, found?.failure],
          [expected?.date, expected?.epoch, expected?.isInteger, expected?.failure],
        );
      }
    }),
    { numRuns: 1000 },
  );
});

test("the usual forms are recognised", () => {
  assert.equal(syslogScanner.end("Nov 21 03:40:29 host sshd[1]: Failed", 0), 15);
  assert.equal(syslogScanner.end("Nov  1 03:40:29 host", 0), 15);
  assert.equal(isoScanner.end("2024-05-23T21:59:59.981746+01:00 host", 0), 32);
  assert.equal(isoScanner.end("2024-05-23 21:59:59,123 fail2ban", 0), 23);
  assert.equal(isoScanner.end("2024-05-23 21:59:59Z", 0), 20);
  const access = '192.0.2.1 - - [21/Nov/2026:10:00:01 +0000] "GET / HTTP/1.1" 200';
  assert.equal(accessScanner.end(access, 15), 41);
  assert.equal(dateStart(access, "bracket"), 15);
  assert.equal(dateStart(access, "only"), 15);
  assert.equal(dateStart(`${access} 10:00:02`, "only"), -1, "another form could be there");
  assert.equal(accessScanner.end("21-Nov-2026 10:00:01.123 client", 0), 24);
});
