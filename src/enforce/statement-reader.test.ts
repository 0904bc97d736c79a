import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firewallStatement } from "./firewall-statement.ts";
import { StatementReader } from "./statement-reader.ts";

const COMMANDS = [
  (ip: string) => `nft add element inet t s \\{ ${ip} \\}`,
  (ip: string) => `nft add element inet t s { ${ip} timeout 600s }`,
  (ip: string) => `nft add element inet t s { ${ip}/32 }`,
  (ip: string) => `nft delete element inet t s { ${ip} }`,
  (ip: string) =>
    `nft delete element inet t s { ${ip} } || ! nft get element inet t s { ${ip} } >/dev/null 2>&1`,
  (ip: string) =>
    `nft add element inet t s \\{ ${ip} \\}\\; delete element inet t s \\{ ${ip} \\}\\; add element inet t s \\{ ${ip} timeout 9s \\}`,
  (ip: string) =>
    `nft add element inet t s \\{ ${ip} \\}\\; delete element inet t s \\{ 10.0.0.1 \\}\\; add element inet t s \\{ ${ip} \\}`,
  (ip: string) => `nft add element inet t s \\{ ${ip} \\} 2>/dev/null && exit 0\n echo ${ip}; exit 1`,
  (ip: string) => `nft add element inet t ${ip} { ${ip} }`,
  (ip: string) =>
    `case "${ip}" in */*) set;; 10.*) nft add element inet t ten { ${ip} };; *) nft add element inet t s { ${ip} };; esac`,
  (ip: string) => `case "x" in ${ip}) a;; x) nft add element inet t s { ${ip} };; esac`,
  (ip: string) => `/opt/${ip}/nft add element inet t s { ${ip} }`,
  (ip: string) => `ipset -exist add s ${ip} timeout 0`,
  (ip: string) => `ipset -exist add s ${ip},${ip}`,
  (ip: string) => `iptables -w -I f2b-sshd 1 -s ${ip} -j DNAT --to 10.0.0.1`,
  (ip: string) => `iptables -w ${ip} -I f2b-sshd 1 -s ${ip} -j DROP`,
  (ip: string) => `echo ${ip}`,
];

test("a command is understood as it would be alone, whatever came before it", () => {
  const ip = fc.oneof(
    fc.constantFrom(
      "10.0.0.1",
      "10.0.0.0/8",
      "192.0.2.1",
      "::",
      "::1",
      "2001:db8::/32",
      ".",
      ":/64",
      "e",
      "10",
      "",
      "a b",
      "-t",
      "}",
    ),
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
  );
  const command = fc.tuple(fc.constantFrom(...COMMANDS), ip);
  fc.assert(
    fc.property(fc.array(command, { minLength: 2, maxLength: 20 }), (commands) => {
      const reader = new StatementReader();
      for (const [make, address] of commands) {
        const shell = { script: make(address), values: [] };
        assert.deepEqual(reader.read(shell, address), firewallStatement(shell));
      }
    }),
    { numRuns: 500 },
  );
});

test("values that travel as arguments are no part of a statement", () => {
  const reader = new StatementReader();
  assert.notEqual(reader.read({ script: "nft add element inet t s { ::1 }", values: [] }, "::1"), null);
  assert.equal(reader.read({ script: "nft add element inet t s { ::1 }", values: ["x"] }, "::1"), null);
});
