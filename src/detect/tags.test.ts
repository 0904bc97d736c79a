import assert from "node:assert/strict";
import { test } from "node:test";
import { expandTags, scopeInlineFlags } from "./tags.ts";

test("address tags define their groups", () => {
  assert.match(expandTags("<ADDR>", "warn"), /\(\?P<ip4>.*\(\?P<ip6>/);
  assert.match(expandTags("<HOST>", "warn"), /\(\?P<ip4>.*\(\?P<ip6>.*\(\?P<dns>/);
  assert.match(expandTags("<SUBNET>", "warn"), /\(\?P<ip4>.*\(\?P<ip6>.*\(\?P<cidr>/);
  assert.equal(expandTags("<HOST>", "no"), expandTags("<ADDR>", "warn"));
  assert.equal(expandTags("<F-IP4/>", "no"), expandTags("<IP4>", "no"));
});

test("free groups are opened and closed by name", () => {
  assert.equal(expandTags("a <F-USER>\\S+</F-USER>", "warn"), "a (?P<user>\\S+)");
  assert.equal(expandTags("<F-ID>x</F-ID><F-PORT>y</F-PORT>", "warn"), "(?P<fid>x)(?P<fport>y)");
  assert.equal(expandTags("<F-ID/> <F-PORT/>", "warn"), "(?P<fid>\\S+) (?P<fport>\\w+)");
  assert.equal(expandTags("x</F-USER><F-A>", "warn"), "x</F-USER>(?P<a>");
});

test("skipped lines are numbered", () => {
  assert.match(
    expandTags("a<SKIPLINES>b<SKIPLINES>c", "warn"),
    /^a\\n\(\?P<skiplines0>.*b\\n\(\?P<skiplines1>.*c$/,
  );
});

test("what is no tag stays", () => {
  const text = "<W> <NOSRV> <SECURITY_LOG> <host> <F-user> <a b> </ADDR> <HOST/> <F-NO/>";
  assert.equal(expandTags(text, "warn"), text);
});

test("flags at the beginning of a group become flags of the group", () => {
  assert.equal(scopeInlineFlags("((?i)abc)"), "(?i:abc)");
  assert.equal(scopeInlineFlags("x(?:(?i)abc|d)"), "x(?i:abc|d)");
  assert.equal(scopeInlineFlags("\\((?i)abc"), "\\((?i)abc");
  assert.equal(scopeInlineFlags("(?i)abc"), "(?i)abc");
});
