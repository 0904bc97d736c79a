import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { parseIni } from "../src/config/ini.ts";
import { parseNameWithOptions } from "../src/config/options.ts";
import { jailNames, loadJails, readConfiguration } from "../src/config/read.ts";
import type { ConfigTree } from "../src/config/tree.ts";
import { type Failure, type FailureData, matchesOf } from "../src/detect/failure.ts";
import type { Filter } from "../src/detect/filter.ts";
import { LEVELS, LogHub } from "../src/log/logger.ts";
import { changedTree } from "./changed-tree.ts";
import { shared, skipWithout } from "./shared.ts";
import { FILTER_MODES, NOW, SHIPPED, shippedFilter, subjectText } from "./shipped-tree.ts";

process.env["TZ"] = "Europe/Zurich";

/** The shipped tree with some files replaced or added, by path below it. */
function treeWith(files: Readonly<Record<string, string>>, complaints: string[]): ConfigTree {
  const hub = new LogHub(({ message }) => complaints.push(message), LEVELS.WARNING);
  return changedTree(SHIPPED, files, hub);
}

const filesOfTree = globSync("**/*.conf", { cwd: SHIPPED }).sort();
const pathsFiles = filesOfTree.filter((file) => /^paths-(?!common)/.test(file));

describe("the shipped tree loads", () => {
  for (const backend of ["polling", "systemd"]) {
    for (const paths of pathsFiles) {
      test(`with all jails, ${backend} and ${paths}`, () => {
        const complaints: string[] = [];
        const jailConf = readFileSync(join(SHIPPED, "jail.conf"), "utf8");
        const own = `enabled = true\nbackend = ${backend}\nlogpath = /dev/null\n`;
        const names = jailNames(loadJails(treeWith({}, complaints), "1"));
        const files = {
          "jail.conf": jailConf.replace("before = paths-debian.conf", `before = ${paths}`),
          "jail.local": names.map((name) => `[${name}]\n${own}`).join(""),
        };
        const { ok, commands } = readConfiguration(treeWith(files, complaints), { version: "1", test: true });
        assert.deepEqual(
          complaints.filter((text) => !text.includes("'allowipv6' not defined")),
          [],
        );
        assert.ok(ok);
        assert.equal(commands.filter(([verb]) => verb === "start").length, names.length);
        assert.equal(commands.filter(([verb]) => verb === "config-error").length, 0);
      });
    }
  }

  test("and switches nothing on by itself", () => {
    const { ok, commands } = readConfiguration(treeWith({}, []), { version: "1", test: true });
    assert.ok(ok);
    assert.equal(commands.filter(([verb]) => verb === "add").length, 0);
  });

  test("a jail.local with familiar options works", () => {
    const local =
      "[DEFAULT]\nbantime = 1h\nignoreip = 192.0.2.1\nbanaction = iptables-multiport\n" +
      '[sshd]\nenabled = true\nmode = aggressive\nport = ssh,2222\nlogpath = /dev/null\nbackend = polling\naction = %(action_)s[blocktype="DROP"]\n' +
      "[nginx-botsearch]\nenabled = true\nlogpath = /dev/null\naction = %(default/action_)s[name=%(__name__)s-tcp]\n";
    const complaints: string[] = [];
    const { ok, commands } = readConfiguration(treeWith({ "jail.local": local }, complaints), {
      version: "1",
      test: true,
    });
    assert.ok(ok, complaints.join("\n"));
    const options = (jail: string) => {
      const command = commands.find(
        ([verb, name, what]) => verb === "multi-set" && name === jail && what === "action",
      );
      return new Map(command?.[4] as unknown as [string, string][]);
    };
    assert.equal(options("sshd").get("port"), "ssh,2222");
    assert.equal(options("sshd").get("blocktype"), "DROP");
    assert.match(options("sshd").get("actionstart") ?? "", /--dports ssh,2222/);
    assert.equal(options("nginx-botsearch").get("name"), "nginx-botsearch-tcp");
  });
});

describe("nothing is named that is not there", () => {
  test("included files", () => {
    for (const file of filesOfTree) {
      const includes = parseIni(readFileSync(join(SHIPPED, file), "utf8"), file).get("INCLUDES");
      const before = includes?.get("before")?.value ?? "";
      for (const name of before.split("\n").filter(Boolean)) {
        assert.ok(existsSync(join(SHIPPED, dirname(file), name)), `${file} includes ${name}`);
      }
    }
  });

  test("firewall actions of the systems", () => {
    for (const file of pathsFiles) {
      const options = parseIni(readFileSync(join(SHIPPED, file), "utf8"), file).get("DEFAULT");
      for (const option of ["banaction", "banaction_allports"]) {
        const { name } = parseNameWithOptions(options?.get(option)?.value ?? "");
        assert.ok(existsSync(join(SHIPPED, "action.d", `${name}.conf`)), `${file}: ${option} = ${name}`);
      }
    }
  });

  test("a filter for each jail, and a jail or an include for each filter", () => {
    const jails = jailNames(loadJails(treeWith({}, []), "1"));
    for (const name of Object.keys(FILTER_MODES)) assert.ok(jails.includes(name), `jail ${name}`);
    const includes = ["common.conf", "botsearch-common.conf", "nginx-error-common.conf"];
    const filters = readdirSync(join(SHIPPED, "filter.d")).filter((file) => !includes.includes(file));
    assert.deepEqual(
      filters.sort(),
      Object.keys(FILTER_MODES)
        .map((name) => `${name}.conf`)
        .sort(),
    );
  });
});

describe("every mode of every filter compiles", () => {
  for (const [name, modes] of Object.entries(FILTER_MODES)) {
    for (const mode of modes) {
      for (const logtype of [
        "file",
        "short",
        "journal",
        ...(name.startsWith("nginx") || name === "recidive" ? [] : ["rfc5424"]),
      ]) {
        test(`${name}[mode=${mode}, logtype=${logtype}]`, () => {
          const { filter, complaints } = shippedFilter(name, { mode, logtype });
          assert.ok(filter.failRegex().length > 0);
          for (const regex of [filter.prefRegex, ...filter.failRegex()]) {
            if (regex === "") continue;
            assert.match(regex, /^\^/, "anchored at the beginning");
            assert.doesNotMatch(regex, /<[a-z_]+[-/]/i, "no tag is left");
          }
          assert.deepEqual(complaints, []);
        });
      }
    }
  }
});

interface Verdict {
  readonly id: string;
  readonly time: number;
  readonly attempts: number;
  readonly fields: Record<string, unknown>;
}

interface Sample {
  readonly options: Record<string, string>;
  readonly instance?: string;
  readonly line: string;
  readonly journal?: boolean;
  readonly result?: Verdict | null;
  readonly results?: readonly Verdict[];
}

describe("the filters judge recorded lines as expected", { skip: skipWithout("corpus", "services") }, () => {
  for (const name of Object.keys(FILTER_MODES)) {
    const file = shared("corpus", "services", `${name}.jsonl`);
    if (!existsSync(file)) continue;
    test(name, () => {
      const filters = new Map<string, Filter>();
      for (const text of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
        const { options, instance, line, journal, result, results } = JSON.parse(text) as Sample;
        const key = instance ?? JSON.stringify(options);
        const filter = filters.get(key) ?? shippedFilter(name, options).filter;
        filters.set(key, filter);
        const found = filter.processLine(line, { inOperation: false, ...(journal ? { time: NOW } : {}) });
        assert.deepEqual(found.map(verdictOf), results ?? (result ? [result] : []), line);
      }
    });
  }
});

function verdictOf(failure: Failure): Verdict {
  const { time, data } = failure;
  return {
    id: subjectText(failure),
    time,
    attempts: Math.max(1, matchesOf(data).length),
    fields: fieldsOf(data),
  };
}

/** The captured groups, without those that only keep sessions together. */
function fieldsOf(data: FailureData): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    if (value === null || name === "matches" || name === "mlfid") continue;
    fields[name] = value instanceof Set ? [...value].sort() : value;
  }
  return fields;
}

describe("the filters judge our own samples as expected", () => {
  for (const file of globSync("samples/*.log", { cwd: import.meta.dirname }).sort()) {
    const name = basename(file, ".log");
    const sections = readFileSync(join(import.meta.dirname, file), "utf8").split(/^(?=\[.*\]$)/m);
    for (const section of sections) {
      const [header = "", ...lines] = section
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
      if (!header.startsWith("[")) continue;
      test(`${name}${header}`, () => {
        const { filter, complaints } = shippedFilter(name, optionsOf(header));
        for (const entry of lines) {
          const [expected = "", line = ""] = entry.split("\t");
          const found = filter.processLine(line, { inOperation: false });
          assert.deepEqual(found.map(subjectText), expected === "-" ? [] : [expected.split(" ", 1)[0]], line);
          const user = / user=(.*)$/.exec(expected)?.[1];
          if (user !== undefined) assert.equal(found[0]?.data["user"], user, line);
        }
        assert.deepEqual(complaints, []);
      });
    }
  }
});

/** `[name=value]` as a record. */
function optionsOf(header: string): Record<string, string> {
  const [, name, value] = /^\[([^=\]]*)=?(.*)\]$/.exec(header) ?? [];
  return name ? { [name]: value ?? "" } : {};
}
