import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { syslogLine } from "./syslog-message.ts";

const reception = { time: 1_763_718_000, sender: "192.0.2.7" };
const line = (message: string) => syslogLine(message, reception);

test("RFC 3164", () => {
  const text = "Nov 21 03:19:33 host sshd[100]: Failed password";
  assert.equal(line(`<38>${text}`), text);
  assert.equal(line(`<38>${text}\n`), text);
  assert.equal(line(text), text);
  assert.equal(line("<38>2025-11-21T03:19:33+00:00 host a: b"), "2025-11-21T03:19:33+00:00 host a: b");
  assert.equal(line("<13>sshd[1]: no time"), "2025-11-21T09:40:00.000Z 192.0.2.7 sshd[1]: no time");
});

test("RFC 5424", () => {
  assert.equal(
    line(
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u00ef\u00bb\u00bf'su root' failed",
    ),
    "2003-10-11T22:14:15.003Z mymachine.example.com su: 'su root' failed",
  );
  assert.equal(
    line('<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - [a x="1 \\" ]"][b] it is\ntime'),
    "2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc[8710]: it is#012time",
  );
  assert.equal(line("<34>1 - - - - - - text"), "2025-11-21T09:40:00.000Z 192.0.2.7 text");
  assert.equal(line("<34>1 2003-10-11T22:14:15Z h app 1 - -"), "2003-10-11T22:14:15Z h app[1]: ");
});

test("what is not well formed is a line all the same", () => {
  assert.equal(line(""), null);
  assert.equal(line("<34>\0\n"), null);
  assert.equal(line("<34>1 broken"), "2025-11-21T09:40:00.000Z 192.0.2.7 1 broken");
  assert.equal(line('<34>1 2003-10-11T22:14:15Z h a 1 - [x y="'), '2003-10-11T22:14:15Z h a[1]: [x y="');
});

test("no message makes more than one line, or hides control characters in it", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "<34>",
      "1 ",
      "-",
      " ",
      "[",
      "]",
      '"',
      "\\",
      "\n",
      "\r",
      "\0",
      "Nov 21 03:19:33 ",
      "host ",
    ),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = line(Buffer.from(pieces.join("")).toString("latin1"));
      if (text !== null) assert.doesNotMatch(text, /[\0-\x08\x0a-\x1f\x7f]/);
    }),
    { numRuns: 500 },
  );
});

test("structured data that never ends takes no time", { timeout: 60_000 }, () => {
  for (const unit of ['[a b="', '[a b="c"]', '[a "', "[", '"', '\\"']) {
    line(`<34>1 2003-10-11T22:14:15Z h a 1 - [x ${unit.repeat(60_000 / unit.length)}`);
  }
});

test("messages of this machine get its name behind their time", () => {
  const local = { time: 0, sender: "here", isLocal: true };
  assert.equal(
    syslogLine("<38>Nov 21 03:19:33 sshd[100]: text", local),
    "Nov 21 03:19:33 here sshd[100]: text",
  );
  assert.equal(
    syslogLine("<38>2026-11-21T03:19:33.5+01:00 a: b", local),
    "2026-11-21T03:19:33.5+01:00 here a: b",
  );
  assert.equal(syslogLine("<38>sshd[100]: text", local), "1970-01-01T00:00:00.000Z here sshd[100]: text");
  assert.equal(syslogLine("Nov 21 03:19:33", local), "Nov 21 03:19:33");
});
