import assert from "node:assert/strict";
import { test } from "node:test";
import { firewallStatement, sharesTransaction, transactionText } from "./firewall-statement.ts";

const read = (script: string) => firewallStatement({ script, values: [] });

function textOf(...scripts: string[]): string {
  return transactionText(scripts.map((script) => read(script) ?? assert.fail(`not recognised: ${script}`)));
}

test("nft elements of one set share a statement, in their order", () => {
  assert.equal(
    textOf(
      "nft add element inet f2b-table addr-set-sshd \\{ 192.0.2.1 \\}",
      "nft add element inet f2b-table addr-set-sshd { 192.0.2.2 }",
      "nft 'add element inet f2b-table addr-set-sshd {192.0.2.3}'",
      "nft delete element inet f2b-table addr-set-sshd \\{ 192.0.2.1 \\}",
      "nft -- add element inet f2b-table addr6-set-sshd \\{ 2001:db8::/32 timeout 600s \\}",
    ),
    "add element inet f2b-table addr-set-sshd { 192.0.2.1, 192.0.2.2, 192.0.2.3 }\n" +
      "delete element inet f2b-table addr-set-sshd { 192.0.2.1 }\n" +
      "add element inet f2b-table addr6-set-sshd { 2001:db8::/32 timeout 600s }\n",
  );
  assert.deepEqual(read("/usr/sbin/nft add element ip t s \\{ 192.0.2.1 \\}")?.reader, [
    "/usr/sbin/nft",
    "-f",
    "-",
  ]);
});

test("the branch of a case counts", () => {
  const script = 'case "192.0.2.1" in */*) a; b;; *) nft add element inet t s \\{ 192.0.2.1 \\};; esac';
  assert.equal(textOf(script), "add element inet t s { 192.0.2.1 }\n");
});

test("an element is given another timeout in one transaction with others", () => {
  const renewal = (ip: string, seconds: number, set = "s") =>
    `nft add element inet t ${set} \\{ ${ip} \\}\\; delete element inet t s \\{ ${ip} \\}\\; add element inet t s \\{ ${ip} timeout ${seconds}s \\}`;
  assert.equal(
    textOf(renewal("192.0.2.1", 10), renewal("192.0.2.2", 20), renewal("192.0.2.1", 30)),
    "add element inet t s { 192.0.2.1, 192.0.2.2 }\n" +
      "delete element inet t s { 192.0.2.1, 192.0.2.2 }\n" +
      "add element inet t s { 192.0.2.1 timeout 10s, 192.0.2.2 timeout 20s }\n" +
      "add element inet t s { 192.0.2.1 }\n" +
      "delete element inet t s { 192.0.2.1 }\n" +
      "add element inet t s { 192.0.2.1 timeout 30s }\n",
  );
  assert.equal(read(renewal("192.0.2.1", 10, "other")), null);
  assert.equal(read(renewal("192.0.2.1", 10).replace("192.0.2.1", "192.0.2.3")), null);
});

test("what follows a command that ends the script when it succeeds does not count", () => {
  const add = "nft add element inet t s \\{ 192.0.2.0/24 timeout 0s \\}";
  assert.equal(
    textOf(`${add} 2>/dev/null && exit 0\nnft add set inet t s || exit 1\n${add}`),
    "add element inet t s { 192.0.2.0/24 timeout 0s }\n",
  );
});

test("ipset entries, one a line", () => {
  assert.equal(
    textOf("ipset -exist add f2b-sshd 192.0.2.1 timeout 0", "ipset del f2b-sshd 192.0.2.1 -exist"),
    "add f2b-sshd 192.0.2.1 timeout 0\ndel f2b-sshd 192.0.2.1\n",
  );
  assert.equal(read("ipset add f2b-sshd 192.0.2.1"), null, "could not be repeated");
  assert.equal(read("ipset -exist create f2b-sshd hash:ip"), null);
});

test("iptables rules, by table and family", () => {
  const insert = "iptables -w -I f2b-sshd 1 -s 192.0.2.1 -j REJECT --reject-with icmp-port-unreachable";
  assert.equal(
    textOf(insert, "iptables -w -D f2b-sshd -s 192.0.2.1 -j DROP"),
    "*filter\n-I f2b-sshd 1 -s 192.0.2.1 -j REJECT --reject-with icmp-port-unreachable\n" +
      "-D f2b-sshd -s 192.0.2.1 -j DROP\nCOMMIT\n",
  );
  const statement = read(insert)!;
  assert.deepEqual(statement.reader, ["iptables-restore", "--noflush", "-w", "-T", "filter"]);
  assert.ok(sharesTransaction(statement, read("iptables -w -A c -j DROP")!));
  for (const other of [
    "ip6tables -w -A c -j DROP",
    "iptables -t mangle -w -A c -j DROP",
    "iptables -A c -j DROP",
  ]) {
    assert.ok(!sharesTransaction(statement, read(other)!), other);
  }
});

test("anything else is left to the shell", () => {
  for (const script of [
    "",
    "true",
    "nft list ruleset",
    "nft add element inet t s \\{ a.example \\}",
    "nft add element inet t s \\{ 192.0.2.1, 192.0.2.2 \\}",
    "nft add element inet t s \\{ 192.0.2.1 counter \\}",
    "nft add element inet t s \\{ 192.0.2.1 \\} \\; flush ruleset",
    "nft add element inet 't;x' \\{ 192.0.2.1 \\}",
    "nft add element inet t s \\{ 192.0.2.1 \\} && exit 0; echo what is wrong stands in the log",
    "nft add element inet t s \\{ 192.0.2.1 \\} 2>/dev/null && echo done",
    "nft -j add element inet t s \\{ 192.0.2.1 \\}",
    "nft add element inet t s \\{ 192.0.2.1 \\}; echo done",
    "nft add element inet t s \\{ 192.0.2.1 \\}\necho done",
    "sudo nft add element inet t s \\{ 192.0.2.1 \\}",
    "iptables -N chain",
    "iptables -F chain",
    "iptables -I chain -m comment --comment 'a b'",
    "iptables -D chain 1; iptables -D chain 1",
    "iptables $opt -I chain 1 -s 192.0.2.1",
  ]) {
    assert.equal(read(script), null, script);
  }
  assert.equal(
    firewallStatement({ script: "f2bV_ip=$0 \nnft add element inet t s { $f2bV_ip }", values: ["x"] }),
    null,
  );
});
