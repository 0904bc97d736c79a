import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { rows } from "../src/store/testing.ts";
import { until } from "./instance.ts";
import { SmallDisk, skipWithoutMounts } from "./mounts.ts";
import { skipWithoutReference } from "./reference.ts";
import { bothSay, count, defaults, fail, jail, logged } from "./side-by-side.ts";

/** Bans from the first failure to the database, beside the reference: log, actions and database say the same of them. */

const skip = skipWithoutReference();

const words = (text: string) => text.trim().split(/\s+/).sort();

/** What makes bans of repeat offenders longer, in jails of their own. */
const INCREMENTS: Readonly<Record<string, string>> = {
  plain: "",
  factor: "bantime.factor = 0.5",
  sum: "bantime.factor = 1/3 + 2 ** 2",
  multipliers: "bantime.multipliers = 1 2 4 8 16 32 64",
  both: "bantime.factor = 0.5\nbantime.multipliers = 1 5 30 60",
  most: "bantime.maxtime = 5h",
  exponential:
    "bantime.factor = 2.0 / 2.885385\n" +
    "bantime.formula = ban.Time * math.exp(float(ban.Count+1)*banFactor)/math.exp(1*banFactor)",
  choice:
    "bantime.formula = ban.Time * (1<<(ban.Count if ban.Count<4 else 4)) * banFactor if ban.Count > 1 else 7e2",
  words:
    "bantime.formula = max(ban.Time, int(min(ban.Count, 9) ** 1.5 // 1 * 100 %% 5000), round(ban.Count * 251.5))",
  maths:
    "bantime.formula = math.ceil(ban.Time * math.log(ban.Count + 2, 2)) + abs(-3) + math.floor(math.sqrt(ban.Count))",
  chance: "bantime.formula = ban.Time * 2 + 0 * random.random()",
  logic: "bantime.formula = ban.Time * (3 if ban.Count >= 3 and not ban.Count == 5 or ban.Count > 15 else 2)",
  small: "bantime.formula = ban.Time / 10",
  overall: "bantime.overalljails = true",
  forever: "bantime = -1",
};
const COUNTS = [1, 2, 3, 5, 8, 19, 20, 21];

test("longer bans for repeat offenders: by every kind of formula, factor and multiplier", {
  skip,
}, async () => {
  const jails = Object.keys(INCREMENTS);
  const text = jails.map((name) => jail(name, INCREMENTS[name]!)).join("");
  const scene = {
    files: { "jail.local": `${defaults("maxretry = 1\nbantime.increment = true")}${text}` },
    jails,
  };
  await bothSay(scene, async (instance) => {
    instance.start();
    await instance.stop();
    remember(instance.path("f2b.sqlite3"), jails);
    instance.start();
    const whom = ["198.18.0.200", ...COUNTS.map((one) => `198.18.0.${one}`)];
    const sql = "SELECT jail, ip, bantime, bancount FROM bips WHERE bantime <> 601 ORDER BY jail, ip";
    const changed = () => rows(instance.path("f2b.sqlite3"), sql);
    // What looks at the bans of all jails comes first, so that those of others are all in the past.
    for (const [index, name] of ["overall", ...jails.filter((one) => one !== "overall")].entries()) {
      fail(instance, name, ...whom);
      if (index === 0) await until(() => changed().length === whom.length, "the first are written down");
    }
    await until(() => changed().length === jails.length * whom.length, "all are written down");
    await instance.stop();
    return {
      // 25 minutes that are a float in Python are 25.0m to the package, and 25m to us.
      log: logged(instance, "observer", /Increase Ban|is bad/).map((line) =>
        line.replaceAll(/\.0(?=[smh])/g, ""),
      ),
      bans: rows(
        instance.path("f2b.sqlite3"),
        "SELECT jail, ip, bantime, bancount FROM bans ORDER BY jail, ip",
      ),
      addresses: changed(),
    };
  });
});

/** Puts addresses with a past into the database: banned so many times, the last one hours ago. */
function remember(file: string, jails: readonly string[]): void {
  const database = new DatabaseSync(file);
  const insert = database.prepare(
    "INSERT INTO bips (ip, jail, timeofban, bantime, bancount, data) VALUES (?, ?, ?, 601, ?, '{}')",
  );
  const hoursAgo = Math.floor(Date.now() / 1000) - 20_000;
  database.exec("INSERT INTO jails (name, enabled) VALUES ('other', 0)");
  database.exec("BEGIN");
  for (const name of [...jails, "other"]) {
    for (const bans of COUNTS) insert.run(`198.18.0.${bans}`, name, hoursAgo, bans);
  }
  database.exec("COMMIT");
  database.close();
}

test("failures of those who were banned before count more", { skip }, async () => {
  const scene = {
    files: { "jail.local": `${defaults("maxretry = 5\nbantime.increment = true")}${jail("j", "")}` },
    jails: ["j"],
  };
  await bothSay(scene, async (instance) => {
    instance.start();
    await instance.stop();
    remember(instance.path("f2b.sqlite3"), ["j"]);
    instance.start();
    const wanted = [
      ["198.18.0.1", 3],
      ["198.18.0.2", 2],
      ["198.18.0.3", 1],
      ["198.18.0.8", 1],
      ["198.18.0.77", 5],
    ] as const;
    let found = 0;
    for (const [ip, times] of wanted) {
      for (let i = 0; i < times; i++) {
        fail(instance, "j", ip);
        await count(instance, /INFO {4}\[j\] Found \S+ - /, ++found);
      }
      await until(() => instance.read("fail2ban.log").includes(`Ban ${ip}\n`), `${ip} is banned`);
    }
    await instance.stop();
    return {
      observer: logged(instance, "observer", /bad - |, bad|Found/),
      bans: logged(instance, "actions", /\] Ban /),
    };
  });
});

test("ignorecommand is asked once for what ignorecache remembers", { skip }, async () => {
  const command = '{DIR}/etc/known <ip> "<F-USER>"';
  const scene = {
    files: {
      known:
        '#!/bin/sh\necho "$1 $2" >> {DIR}/asked\ncase "$1" in *.7|*.8) exit 0;; *.9) exit 7;; esac\nexit 1\n',
      "jail.local":
        defaults("maxretry = 50\nignoreip = 198.51.100.0/24 203.0.113.1") +
        jail("plain", `ignorecommand = sh ${command}`) +
        jail(
          "cached",
          `ignorecommand = sh ${command}\nignorecache = key="<ip>", max-count=100, max-time=5m`,
        ) +
        jail("named", `ignorecommand = sh ${command}\nignorecache = key="<F-USER>@<ip>", max-count=50`),
    },
    jails: ["plain", "cached", "named"],
  };
  await bothSay(scene, async (instance) => {
    instance.start();
    for (const name of scene.jails) {
      instance.write("asked", "");
      const once = [
        "198.18.0.7",
        "198.18.0.1",
        "198.18.0.7 user bob",
        "198.18.0.7",
        "198.18.0.1",
        "198.18.0.9",
      ];
      const hostile = `198.18.0.8 user $(id>${instance.dir}/pwned)`;
      fail(instance, name, ...once, ...once, "198.51.100.4", "203.0.113.1");
      // In a key of the cache such a value costs the reference the line.
      if (name !== "named") fail(instance, name, hostile);
      fail(instance, name, "198.18.0.222");
      await until(
        () => instance.read("fail2ban.log").includes(`[${name}] Found 198.18.0.222`),
        "all are read",
      );
      instance.append("answers", `${name}: ${instance.read("asked").split("\n").sort().join()}\n`);
    }
    assert.ok(!existsSync(instance.path("pwned")));
    return {
      asked: instance.read("answers").replaceAll(instance.dir, "DIR"),
      ignored: logged(instance, "filter", /Ignore|Found/),
      answer: instance.client("get", "cached", "ignorecache"),
    };
  });
});

test("names in a log, as usedns says", { skip: skip || skipWithoutMounts() }, async (t) => {
  const path = mkdtempSync(join(tmpdir(), "f2b-names-"));
  const disk = await SmallDisk.mount(path, 1024);
  t.after(() => {
    disk.release();
    rmSync(path, { recursive: true });
  });
  const hosts =
    "127.0.0.1 localhost\n203.0.113.5 one.example\n2001:db8::5 six.example\n198.18.0.99 trusted.example";
  disk.run(
    `cat > hosts <<'END'\n${hosts}\nEND\nmount --bind ${path}/hosts /etc/hosts\n` +
      `echo hosts: files > nsswitch && mount --bind ${path}/nsswitch /etc/nsswitch.conf`,
  );
  const jails = ["yes", "warn", "no", "raw", "perhaps"];
  const scene = {
    files: {
      "jail.local":
        defaults("maxretry = 1\nignoreip = trusted.example") +
        jails.map((mode) => jail(mode, `usedns = ${mode}`)).join(""),
    },
    jails,
    namespace: disk,
  };
  await bothSay(scene, async (instance) => {
    instance.start();
    for (const name of jails) {
      fail(instance, name, "one.example", "six.example", "trusted.example", "198.18.0.99", "none.invalid");
      fail(instance, name, "::ffff:203.0.113.9", "localhost", "198.18.0.222");
      await until(
        () => instance.read("fail2ban.log").includes(`[${name}] Ban 198.18.0.222\n`),
        `${name} is read`,
      );
    }
    return {
      log: logged(instance, "filter", /Ignore|Found|Incorrect/),
      warnings: logged(instance, "ipdns", /WARNING Determined/),
      banned: jails.map((name) => words(instance.client("get", name, "banip"))),
    };
  });
});

test("bans by hand, for ever, again, longer, over a restart, and what actions are told", {
  skip,
}, async () => {
  const actions = "action = note[name=%(__name__)s-note]\n  note-new[name=%(__name__)s-new]";
  const scene = {
    files: {
      "jail.local":
        defaults("maxretry = 3") + jail("j", actions) + jail("k", `${actions}\nbantime = -1\nmaxmatches = 0`),
      "fail2ban.d/z.conf": "[Definition]\ndbmaxmatches = 2\n",
    },
    jails: ["j", "k"],
  };
  await bothSay(scene, async (instance) => {
    instance.start();
    const answers: string[] = [];
    const ask = (...command: string[]) => answers.push(instance.client(...command).trim());
    ask("set", "j", "banip", "198.18.0.1", "198.18.0.1", "2001:DB8::1", "198.51.100.0/24", "some text");
    ask("set", "j", "banip", "198.18.0.1");
    ask("set", "k", "banip", "198.18.0.2");
    ask("set", "j", "attempt", "198.18.0.3", "first line", "second", "third", "fourth");
    ask("set", "j", "attempt", "198.18.0.4", "one line");
    fail(instance, "k", "198.18.0.5", "198.18.0.5", "198.18.0.5");
    await count(instance, / Ban /, 7);
    const file = instance.path("f2b.sqlite3");
    const recorded = () => rows(file, "SELECT ip FROM bans").length;
    await until(() => recorded() === 7, "all are written down");
    ask("set", "j", "unbanip", "198.18.0.1", "198.18.0.66");
    ask("unban", "198.51.100.0/24");
    await count(instance, / Unban /, 2);
    await until(() => recorded() === 5, "two are forgotten");
    const data = rows(
      file,
      "SELECT jail, ip, bantime, bancount, CAST(data AS TEXT) FROM bans ORDER BY jail, ip",
    ).map(([name, ip, bantime, bans, text]) => [name, ip, bantime, bans, JSON.parse(String(text))]);
    for (const row of data)
      row[4] = { ...(row[4] as object), matches: (row[4] as { matches?: string[] }).matches?.length ?? 0 };
    await instance.stop();
    instance.start();
    await count(instance, / Restore Ban /, 5);
    const done = ["j-note", "j-new", "k-note", "k-new"];
    const all = () => done.map((name) => instance.read(`${name}.done`).trim().split("\n").sort());
    await until(
      () =>
        all()
          .flat()
          .filter((line) => line.endsWith(" 1")).length >= 5,
      "all are restored",
    );
    ask("unban", "--all");
    await until(
      () =>
        all()
          .flat()
          .filter((line) => line.startsWith("unban")).length >= 19,
      "all are lifted",
    );
    return {
      answers,
      data,
      done: all(),
      log: logged(instance, "actions", /NOTICE {2}\[.\] (?:Restore )?Ban /),
    };
  });
});
