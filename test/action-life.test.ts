import { rmSync } from "node:fs";
import { test } from "node:test";
import { until } from "./instance.ts";
import { skipWithoutReference } from "./reference.ts";
import { bothSay, defaults, fail, jail, logged } from "./side-by-side.ts";

/** When each command of an action runs, beside the reference. */

const skip = skipWithoutReference();

/** Writes down each command that runs; the check finds what the start made, for each family. */
const TRACE = `[Definition]
actionstart = echo start <fam> >> {DIR}/trace; touch {DIR}/there-<fam>
actionstop = echo stop <fam> >> {DIR}/trace; rm -f {DIR}/there-<fam>
actionflush = echo flush <fam> >> {DIR}/trace
actioncheck = echo check <fam> >> {DIR}/trace; test -e {DIR}/there-<fam>
actionban = echo ban <fam> <ip> <bancount> <restored> >> {DIR}/trace; test -e {DIR}/there-<fam>
actionunban = echo unban <fam> <ip> >> {DIR}/trace; test -e {DIR}/there-<fam>
actionprolong = echo prolong <fam> <ip> >> {DIR}/trace
actionreload = echo reload <fam> >> {DIR}/trace
[Init]
fam = four
[Init?family=inet6]
fam = six
`;
const REPAIRING = TRACE.replace(
  "[Init]",
  "actionrepair = echo repair <fam> >> {DIR}/trace; touch {DIR}/there-<fam>\n[Init]",
);
const SINGLE = TRACE.replace(/actionflush.*\n/, "").replace("[Init]", "actionrepair_on_unban = true\n[Init]");

for (const [title, action] of [
  ["stopped and started anew when its check fails", TRACE],
  ["repaired by a command of its own", REPAIRING],
  ["lifting bans one by one, also when that needs a repair", SINGLE],
] as const) {
  test(`every command of an action in its time: ${title}`, { skip }, async () => {
    const scene = {
      files: {
        "action.d/trace.conf": action,
        "jail.local":
          defaults("maxretry = 1\nbantime.increment = true") + jail("j", "action = trace[name=j]"),
      },
      jails: ["j"],
    };
    await bothSay(scene, async (instance) => {
      const trace = () => instance.read("trace").split("\n").slice(0, -1);
      const traced = (line: string, times = 1) =>
        until(
          () => trace().filter((one) => one === line).length >= times,
          `${instance.flavor}: "${line}", not ${trace()}`,
        );
      instance.start();
      fail(instance, "j", "198.18.0.1");
      await traced("ban four 198.18.0.1 1 0");
      fail(instance, "j", "2001:db8::1");
      await traced("ban six 2001:db8::1 1 0");
      instance.client("set", "j", "unbanip", "198.18.0.1");
      await traced("unban four 198.18.0.1");
      instance.client("reload");
      await traced("reload six");
      // Somebody takes away what the start command made: noticed by the next ban, and by the next unban.
      rmSync(instance.path("there-four"));
      fail(instance, "j", "198.18.0.2");
      await traced("ban four 198.18.0.2 1 0", 2);
      rmSync(instance.path("there-six"));
      instance.client("set", "j", "unbanip", "2001:db8::1");
      await traced("unban six 2001:db8::1", action === SINGLE ? 2 : 1);
      fail(instance, "j", "2001:db8::2");
      await until(() => trace().some((line) => line.startsWith("ban six 2001:db8::2")), "it is banned");
      instance.client("restart", "j");
      await until(() => trace().filter((line) => / 1$/.test(line)).length === 2, "bans are restored");
      instance.client("unban", "--all");
      await instance.stop();
      // We start what is needed for several bans before the first of them.
      return Object.groupBy(trace(), (line) => line.split(" ")[1] ?? "");
    });
  });
}

test("a ban that becomes longer is prolonged", { skip }, async () => {
  const scene = {
    files: {
      "action.d/trace.conf": TRACE,
      "jail.local":
        defaults("maxretry = 1\nbantime.increment = true").replace("bantime = 600", "bantime = 4") +
        jail("j", "action = trace[name=j]"),
    },
    jails: ["j"],
  };
  await bothSay(scene, async (instance) => {
    const traced = (line: string) =>
      until(() => instance.read("trace").includes(`${line}\n`), `${instance.flavor}: ${line}`);
    instance.start();
    fail(instance, "j", "198.18.0.1");
    await traced("unban four 198.18.0.1");
    fail(instance, "j", "198.18.0.1");
    await traced("prolong four 198.18.0.1");
    await instance.stop();
    return logged(instance, "observer", /Increase/);
  });
});
