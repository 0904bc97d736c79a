import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryDirectory } from "../source/testing.ts";
import { chooseBackend } from "./backend.ts";
import { Jail } from "./jail.ts";
import { makeTestServices } from "./testing.ts";

const NOW = 1_763_718_000;

function jailFor(t: TestContext, failregex: string) {
  const services = makeTestServices(NOW);
  const jail = new Jail("boxed", chooseBackend("polling"), services);
  jail.filter.addFailRegex(failregex);
  jail.settings.setFindTime(600);
  t.after(() => {
    jail.logs.close();
    services.files.close();
  });
  const found = () =>
    services
      .takeLog()
      .filter((line) => / Found \d/.test(line))
      .map((line) => line.split(" ").slice(3).join(" "));
  return { services, jail, found };
}

function docker(log: string, time: number): string {
  return `${JSON.stringify({ log: `${log}\n`, stream: "stdout", time: new Date(time * 1000).toISOString() })}\n`;
}

test("the filter sees the program's line without its date, the time is the runtime's", (t) => {
  const { jail, found } = jailFor(t, "^<HOST> - \\[\\] refused$");
  jail.feed.format = "docker-json";
  const dated = "192.0.2.1 - [21/Nov/2025:01:02:03 +0000] refused";
  jail.feed.process(docker(dated, NOW - 5) + docker("192.0.2.2 - [] refused", NOW - 4), jail, true);
  jail.feed.process(docker("192.0.2.3 - [] refused", NOW - 700), jail, false);
  assert.equal(jail.failures.total, 2);
  assert.deepEqual(
    found().map((line) => line.split(" ")[0]),
    ["192.0.2.1", "192.0.2.2"],
  );
});

test("a file of wrapped lines is read from where findtime begins", { timeout: 300_000 }, async (t) => {
  const { services, jail, found } = jailFor(t, "^refused <HOST>$");
  const path = join(temporaryDirectory(t), "c-json.log");
  const lines = Array.from({ length: 1000 }, (_, i) =>
    docker(`refused 192.0.2.${i % 10}`, NOW - 2000 + i * 2),
  );
  writeFileSync(path, lines.join(""));
  jail.feed.format = "docker-json";
  jail.settings.setMaxRetry(10_000);
  jail.logs.add(path, { tail: false });
  jail.start();
  for (let i = 0; jail.failures.total < 250; i++) {
    assert.ok(i < 20_000, "the file is not read");
    services.clock.advance(0.01);
    await delay(2);
  }
  // All that is not older than 600 s was in the first block; the lines before were passed over.
  assert.ok(jail.failures.total <= 300, String(jail.failures.total));
  assert.ok(found().length >= 250);
});

test("lines that are wrapped otherwise say nothing; without a format they are as they are", (t) => {
  const { jail } = jailFor(t, "refused <HOST>$");
  jail.feed.format = "cri";
  jail.feed.process("refused 192.0.2.1\n", jail, true);
  assert.equal(jail.failures.total, 0);
  jail.feed.format = "";
  jail.feed.process("refused 192.0.2.1\r\n", jail, true);
  assert.equal(jail.failures.total, 1);
  assert.throws(() => {
    jail.feed.format = "xml";
  });
  assert.throws(() => {
    jail.feed.format = "json[field";
  });
  assert.equal(jail.feed.format, "");
});
