import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { systemClock } from "../time/clock.ts";
import { firewallStatement } from "./firewall-statement.ts";
import { FirewallTransactions } from "./firewall-transactions.ts";
import { SystemShell } from "./shell.ts";

const folder = mkdtempSync(join(tmpdir(), "f2b-transactions-"));
after(() => rmSync(folder, { recursive: true }));

/** Programs of these names write down how they were called and what they read; a line `bad` makes them fail. */
for (const name of ["nft", "ipset", "iptables-restore"]) {
  const body = `{ echo "${name} $*"; cat; } >${folder}/last; ! grep -q 192.0.2.66 ${folder}/last`;
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

function setUp() {
  const log: string[] = [];
  let written = 0;
  const transactions = new FirewallTransactions({
    shell: new SystemShell(systemClock),
    clock: systemClock,
    log: new LogHub(({ message }) => log.push(message), 0).logger("action"),
    beforehand: () => void written++,
  });
  const apply = (...scripts: string[]) => {
    const statements = scripts.map((script) =>
      firewallStatement({ script: `${folder}/${script}`, values: [] }),
    );
    return transactions.apply(
      statements.map((statement) => statement ?? assert.fail()),
      120,
    );
  };
  return { transactions, apply, log, written: () => written };
}

const last = () => readFileSync(join(folder, "last"), "utf8");

test("readers are fed the statements, after everything is written down", async () => {
  const { apply, written } = setUp();
  assert.equal(await apply("ipset -exist add s 192.0.2.1", "ipset -exist del s 192.0.2.2"), true);
  assert.equal(last(), "ipset -exist restore\nadd s 192.0.2.1\ndel s 192.0.2.2\n");
  assert.equal(await apply("iptables -w -I c 1 -s 192.0.2.1 -j DROP"), true);
  assert.equal(
    last(),
    "iptables-restore --noflush -w -T filter\n*filter\n-I c 1 -s 192.0.2.1 -j DROP\nCOMMIT\n",
  );
  assert.equal(written(), 2);
});

test("long texts for nft do not go through a session", async () => {
  const { apply } = setUp();
  const many = Array.from(
    { length: 1000 },
    (_, index) => `nft add element inet t s { 10.0.0.${index % 250} }`,
  );
  assert.equal(await apply(...many), true);
  assert.ok(last().startsWith("nft -f -\nadd element inet t s { 10.0.0.0, 10.0.0.1, "));
});

test("what was refused together is told of at debug level only", async () => {
  const { apply, log } = setUp();
  assert.equal(await apply("ipset -exist add s 192.0.2.66"), false);
  assert.match(log.join("\n"), /^1 statements for .*ipset are run one by one, together they failed: 1/);
});
