import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseBackend } from "../jail/backend.ts";
import { Jail } from "../jail/jail.ts";
import { makeTestServices } from "../jail/testing.ts";
import { repr } from "../pyvalue/repr.ts";
import { statusOfJail } from "./status.ts";

const NOW = 1_763_718_000;

test("each kind of source tells what it is at", async (t) => {
  const services = makeTestServices(NOW);
  t.after(() => services.files.close());
  const stdin = {
    fault: { health: "ended" as const, since: null, reason: "Standard input has ended" },
    listen: () => () => {},
  };
  const journalctl: typeof services.journalctl = (_, { onEnd }) => {
    onEnd("journalctl is not installed");
    return () => {};
  };
  const shown = async (backend: string): Promise<string> => {
    const jail = new Jail("j", chooseBackend(backend), { ...services, stdin, journalctl });
    t.after(() => jail.logs.close());
    jail.start();
    return repr(await statusOfJail(jail, "sources"));
  };
  const rest =
    "'lastline': None, 'lastread': None, 'position': None, 'size': None, 'inode': None, 'device': None, 'cursor': None}]";
  assert.equal(await shown("polling"), "[]");
  assert.equal(
    await shown("stdin"),
    "[{'source': 'stdin', 'reader': 'stdin', 'health': 'ended', 'since': None, " +
      `'error': 'Standard input has ended', 'behind': {'bytes': 0, 'lines': 0, 'counted': True, 'seconds': 0.0}, ${rest}`,
  );
  assert.equal(
    await shown("systemd[namespace=web]"),
    `[{'source': 'systemd[namespace=web]', 'reader': 'journal', 'health': 'retrying', 'since': ${NOW}.0, ` +
      `'error': 'journalctl is not installed', 'behind': {'bytes': None, 'lines': None, 'counted': True, 'seconds': None}, ${rest}`,
  );
});
