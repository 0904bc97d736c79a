import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LogHub } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { ManualClock } from "../time/clock.ts";
import { callMethod, METHOD_NAMES } from "./action-methods.ts";
import { CommandAction } from "./command-action.ts";

function setup() {
  const ran: string[] = [];
  const action = new CommandAction({
    name: "tracer",
    jail: {
      name: "sshd",
      bantime: () => 600,
      banned: () => 0,
      bannedTotal: () => 0,
      found: () => 0,
      foundTotal: () => 0,
    },
    runner: {
      async run({ script, values }, { timeoutSeconds }) {
        ran.push([timeoutSeconds, script, ...values].join("|"));
        return {
          code: script === "false" ? 1 : 0,
          timedOut: false,
          error: null,
          stdout: "",
          stderr: "",
          droppedBytes: 0,
        };
      },
    },
    clock: new ManualClock(0),
    logs: new LogHub(() => {}),
    parseSeconds: Number,
    ipv6Allowed: () => true,
    raiseEpoch: () => 7,
    hostName: () => "host",
  });
  action.set("actionban", "ban <ip> <family> <F-USER>");
  const call = (name: string, args: Record<string, PyValue> = {}) =>
    callMethod(action, name, new Map(Object.entries(args)));
  return { action, ran, call };
}

describe("callMethod", () => {
  it("knows the methods of the reference", () => {
    assert.equal(
      METHOD_NAMES.join(", "),
      "ban, clearAllParams, consistencyCheck, escapeTag, executeCmd, flush, invalidateBanEpoch, prolong, reban, reload, " +
        "replaceDynamicTags, replaceTag, start, stop, unban",
    );
  });

  it("calls them", async () => {
    const { action, ran, call } = setup();
    assert.equal(await call("flush"), true);
    assert.equal(await call("start"), true);
    assert.equal(await call("consistencyCheck"), true);
    assert.equal(await call("escapeTag", { value: "a;b'c" }), "a\\;b\\'c");
    assert.equal(await call("executeCmd", { realCmd: "false", timeout: 5 }), false);
    const aInfo = new Map<PyValue, PyValue>([
      ["ip", "192.0.2.1"],
      ["F-*", new Map<PyValue, PyValue>([["user", "b'ob"]])],
    ]);
    assert.equal(await call("ban", { aInfo }), null);
    assert.deepEqual(ran, ["5|false", "60|f2bV_F_user=$0 \nban 192.0.2.1 inet4 $f2bV_F_user|b'ob"]);
    assert.deepEqual(await call("replaceDynamicTags", { realCmd: "<ip>", aInfo }), "192.0.2.1");
    assert.deepEqual(await call("replaceTag", { query: "<ip> <x>", aInfo }), "192.0.2.1 <x>");
    assert.equal(await call("invalidateBanEpoch"), null);
    assert.equal(action.epoch, 7);
    assert.equal(await call("clearAllParams"), null);
    assert.equal(action.get("actionban"), "");
  });

  it("refuses arguments that do not fit", async () => {
    const { call } = setup();
    await assert.rejects(call("ban", { x: 1 }), {
      className: "TypeError",
      message: "CommandAction.ban() got an unexpected keyword argument 'x'",
    });
    await assert.rejects(call("ban"), {
      message: "CommandAction.ban() missing 1 required positional argument: 'aInfo'",
    });
  });
});
