import assert from "node:assert/strict";
import { test } from "node:test";
import { isRotatedFrom, matchAlternatives, selectJournal } from "./journal-arguments.ts";

function chosen(options: Record<string, string>, environment: Record<string, string> = {}): string {
  return selectJournal(new Map(Object.entries(options)), environment).arguments.join(" ");
}

test("options become arguments", () => {
  assert.equal(chosen({}), "--merge");
  assert.equal(chosen({ rotated: "on" }), "--merge --system");
  assert.equal(chosen({ rotated: "off" }), "--merge");
  assert.equal(chosen({ journalpath: "/j" }), "--merge --directory=/j");
  assert.equal(chosen({ journalpath: "/j", journalflags: "4" }), "--merge --directory=/j --system");
  assert.equal(chosen({ namespace: "web" }), "--merge --namespace=web");
  assert.equal(
    chosen({ journalfiles: "/a.journal, /b*.journal\n/c.journal" }),
    "--merge --file=/a.journal --file=/b*.journal --file=/c.journal",
  );
});

test("flags come from the option, else from the environment", () => {
  assert.equal(chosen({ journalflags: "1" }), "");
  assert.equal(chosen({ journalflags: "2" }), "--merge --directory=/run/log/journal");
  assert.equal(chosen({ journalflags: "9" }), "--user");
  assert.equal(chosen({}, { F2B_SYSTEMD_DEFAULT_FLAGS: "5" }), "--system");
  assert.equal(chosen({ journalflags: "8" }, { F2B_SYSTEMD_DEFAULT_FLAGS: "5" }), "--merge --user");
  assert.equal(chosen({ journalpath: "/j" }, { F2B_SYSTEMD_DEFAULT_FLAGS: "4" }), "--merge --directory=/j");
});

test("options that cannot be used are refused by name", () => {
  assert.throws(() => chosen({ journalflags: "x" }), /journalflags must be a sum of 1, 2, 4 and 8, not 'x'/);
  assert.throws(() => chosen({ foo: "1" }), /backend systemd takes no option 'foo', only journalpath/);
});

test("only FIELD=value is a match", () => {
  for (const good of ["_SYSTEMD_UNIT=a.service", "A=", "MESSAGE=a=b c", "_X1=2"])
    assert.deepEqual(matchAlternatives([good]), [[good]]);
  for (const bad of ["foo", "_x=1", "=1", "--file=/etc/passwd", "__CURSOR=x", "", "/usr/bin/sshd"]) {
    assert.equal(matchAlternatives(["A=1", bad]), null, bad);
  }
  assert.deepEqual(matchAlternatives(["A=1", "B=2", "+", "C=3"]), [["A=1", "B=2"], ["C=3"]]);
});

test("a rotated file is recognised by its name", () => {
  assert.ok(isRotatedFrom("/j/system@1-2-3.journal", "/j/system.journal"));
  assert.ok(!isRotatedFrom("/j/system.journal", "/j/system.journal"));
  assert.ok(!isRotatedFrom("/k/system@1-2-3.journal", "/j/system.journal"));
  assert.ok(!isRotatedFrom("/j/user-1000@1-2-3.journal", "/j/system.journal"));
});
