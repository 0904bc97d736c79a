import assert from "node:assert/strict";
import { test } from "node:test";
import { NftTable } from "./nft-table.ts";

const LISTING = `table inet f2b-table { # handle 7
	set addr-set-a { # handle 2
		type ipv4_addr
		flags timeout
	}

	set net-set-a { # handle 9
		type ipv4_addr
		flags interval
	}

	set addr-set-ab { # handle 4
		type ipv4_addr
	}

	chain f2b-chain { # handle 1
		type filter hook input priority filter - 1; policy accept;
		tcp dport { 22 } ip saddr @addr-set-a reject with icmp port-unreachable # handle 3
		tcp dport 25 ip saddr @addr-set-ab drop # handle 5
		udp dport 53 ip saddr @net-set-a drop comment "a # handle 6" # handle 10
	}
}
`;
const A = { chain: "f2b-chain", sets: ["addr-set-a", "net-set-a"] };
const AB = { chain: "f2b-chain", sets: ["addr-set-ab", "net-set-ab"] };

const table = NftTable.parse(LISTING) ?? assert.fail();

test("one jail's rules and sets go, those of others stay", () => {
  assert.equal(
    table.removing([A]),
    "delete rule inet f2b-table f2b-chain handle 3\n" +
      "delete rule inet f2b-table f2b-chain handle 10\n" +
      "delete set inet f2b-table addr-set-a\n" +
      "delete set inet f2b-table net-set-a\n",
  );
});

test("the last ones take the table with them", () => {
  assert.equal(table.removing([A, AB]), "delete table inet f2b-table\n");
});

test("a table with something else in it stays", () => {
  const more = NftTable.parse(LISTING.replace("\tchain f2b", "\tchain own { # handle 8\n\t}\n\tchain f2b"));
  const text = more?.removing([A, AB]) ?? "";
  assert.match(text, /^delete chain inet f2b-table f2b-chain$/m);
  assert.doesNotMatch(text, /delete table|own/);
});

test("a chain with somebody's own rule stays", () => {
  const more = NftTable.parse(
    LISTING.replace("\t\ttcp dport 25", "\t\ttcp dport 80 drop # handle 11\n\t\ttcp dport 25"),
  );
  const text = more?.removing([A, AB]) ?? "";
  assert.match(text, /handle 3\n.*handle 5\n.*handle 10\n/);
  assert.doesNotMatch(text, /handle 11|delete chain|delete table/);
});

test("sets are flushed that are there", () => {
  assert.ok(table.hasSet("addr-set-ab"));
  assert.ok(!table.hasSet("net-set-ab"));
  assert.equal(
    table.flushing([A, AB]),
    "flush set inet f2b-table addr-set-a\nflush set inet f2b-table net-set-a\nflush set inet f2b-table addr-set-ab\n",
  );
});

test("what is no listing of a table is none", () => {
  for (const text of ["", "Error: No such file or directory", "chain x {\n}"])
    assert.equal(NftTable.parse(text), null);
});
