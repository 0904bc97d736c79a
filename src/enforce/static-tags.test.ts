import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { replaceStaticTags, resolveTable } from "./static-tags.ts";

describe("resolveTable", () => {
  it("takes replacements as they are, with all dollar signs", () => {
    const table = new Map([
      ["cmd", "echo <a>"],
      ["a", "$& $1 $$"],
    ]);
    assert.equal(resolveTable(table).get("cmd"), "echo $& $1 $$");
  });

  it("finds a tag that only a replacement completes", () => {
    const table = new Map([
      ["rule", "<rule_<type>>"],
      ["rule_all", "-p <proto>"],
      ["proto", "tcp"],
      ["type", "all"],
    ]);
    assert.equal(resolveTable(table).get("rule"), "-p tcp");
  });

  it("ends where composed tags would go round for ever", () => {
    const table = new Map([
      ["a", "<b<e>>"],
      ["b", "<c<e>>"],
      ["c", "<a<e>>"],
      ["e", ""],
    ]);
    assert.throws(() => resolveTable(table), {
      className: "ValueError",
      message: /self referencing definitions/,
    });
  });

  it("leaves the options alone that it was given", () => {
    const table = new Map([
      ["a", "<b>"],
      ["b", "1"],
    ]);
    resolveTable(table);
    assert.equal(table.get("a"), "<b>");
  });
});

describe("replaceStaticTags", () => {
  it("knows further tags that options may replace", () => {
    const builtins = new Map([["fq-hostname", "host.example.org"]]);
    assert.equal(
      replaceStaticTags("<fq-hostname><br><ip>", new Map(), { builtins }),
      "host.example.org\n<ip>",
    );
    assert.equal(replaceStaticTags("<fq-hostname>", new Map([["fq-hostname", "own"]]), { builtins }), "own");
  });
});
