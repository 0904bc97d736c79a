import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { COMMANDS } from "../src/client/command-table.ts";
import { FLAVORS } from "../src/client/vocabulary.ts";
import { failedLogin, Instance, ROOT } from "./instance.ts";

/** Every question of the client's table of commands, asked with `--json`. */

const QUESTION =
  /^(?:get|status|stats|banned|search|history|why|problems|profile|ping|version|server-status)\b/;

/** The commands with words that mean something to the server of the test. */
function questions(): string[][] {
  const entries = COMMANDS.flatMap(({ commands }) => commands.map(([command]) => command));
  const asked = entries
    .filter((entry) => QUESTION.test(entry))
    .map((entry) => entry.replaceAll(/ ?\[[^\]]*\]/g, "").replaceAll(/ \.\.\. \S+/g, ""))
    .map((entry) =>
      entry
        .replaceAll("<JAIL>", "sshd")
        .replaceAll("<ACT>", "note")
        .replaceAll("<PROPERTY>", "actionban")
        .replaceAll("<OPTION>", "increment")
        .replaceAll("<IP>", "203.0.113.7")
        .split(" ")
        .map((word) => (word === "<LINE>" ? failedLogin("203.0.113.8").trim() : word)),
    );
  const flavored = FLAVORS.flatMap((flavor) => [
    ["status", "sshd", flavor],
    ["status", "--all", flavor],
  ]);
  const unique = new Map([...asked, ...flavored].map((words) => [words.join(" "), words]));
  return [...unique.values(), ["statistics"], ["get", "sshd", "banip", "--with-time"]];
}

test("every question is answered with JSON, before the command or behind it", async (t) => {
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: {
      "action.d/note.conf": "[Definition]\nactionban = true <ip>\n",
      "jail.local": "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\naction = note\n",
    },
  });
  t.after(() => instance.dispose());
  instance.write("auth.log", "");
  instance.start();
  instance.client("ban", "203.0.113.7");
  const all = questions();
  assert.ok(all.length > 55, String(all.length));
  for (const [index, words] of all.entries()) {
    const answer =
      index % 4 === 0 ? instance.client("--json", ...words) : instance.client(...words, "--json");
    assert.doesNotThrow(() => JSON.parse(answer), `${words.join(" ")}: ${answer}`);
  }
  assert.deepEqual(JSON.parse(instance.client("banned", "--json")), { sshd: ["203.0.113.7"] });
  const refused = instance.run("fail2ban-client", "-c", instance.path("etc"), "--json", "status", "none");
  assert.equal(refused.status, 255);
  assert.deepEqual(JSON.parse(refused.stdout), { error: { class: "UnknownJailException", message: "none" } });
});
