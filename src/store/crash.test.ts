import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { LogHub } from "../log/logger.ts";
import { ManualClock } from "../time/clock.ts";
import { BanDatabase } from "./database.ts";

const NOW = 1_790_000_000;

/** A process that bans one address after the other and says so as soon as a ban is committed. */
const BANNING = `
  const [file, here] = process.argv.slice(1);
  const { BanDatabase } = await import(here + "/database.ts");
  const { LogHub } = await import(here + "/../log/logger.ts");
  const { systemClock } = await import(here + "/../time/clock.ts");
  const { writeSync } = await import("node:fs");
  const database = BanDatabase.open(file, { clock: systemClock, log: new LogHub(() => {}).logger("x") });
  for (let i = 0; ; i++) {
    const ip = "192.0.2." + i;
    const data = { matches: [], failures: 1 };
    database.addBan("j", { ip, timeOfBan: ${NOW}, bantime: 600, banCount: 1, data });
    database.updatePosition("j", "/var/log/a", "h", i);
    if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    else database.flush();
    if (i % 3 !== 1) writeSync(1, i + "\\n");
  }
`;

test("after a kill at any instant every committed ban and position is there", {
  timeout: 300_000,
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "f2b-crash-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const enough of [1, 5, 40, 150]) {
    const file = join(directory, `crash-${enough}.db`);
    const child = spawn(process.execPath, ["--input-type=module", "-e", BANNING, file, import.meta.dirname], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = -1;
    for await (const line of createInterface({ input: child.stdout })) {
      said = Math.max(said, Number(line));
      if (said >= enough) child.kill("SIGKILL");
    }
    const log = new LogHub(() => {}).logger("database");
    const database = BanDatabase.open(file, { clock: new ManualClock(NOW), log });
    const found = database.currentBans("j", { now: NOW, banTime: 600, increment: false, maxMatches: 0 });
    const ips = new Set(found.map(({ ip }) => ip));
    for (let i = 0; i <= said; i++) assert.ok(ips.has(`192.0.2.${i}`), `ban ${i} of ${said}`);
    assert.ok((database.addLog("j", "/var/log/a", "h", 0) ?? -1) >= said);
    database.close();
  }
});
