import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Instance, ROOT, until } from "./instance.ts";

/** The client in a terminal of 80 by 24: the live view and interactive mode. */

const skip = spawnSync("tmux", ["-V"]).status === 0 ? false : "tmux is not installed";

/** A terminal in which the client runs; its screen stays when the client has ended. */
class Terminal {
  readonly #socket: string;

  constructor(instance: Instance, ...words: string[]) {
    this.#socket = instance.path("tmux");
    const client = [join(ROOT, "bin/fail2ban-client"), "-c", instance.path("etc"), ...words];
    const script = `unset NODE_OPTIONS NODE_TEST_CONTEXT; export XDG_STATE_HOME=${instance.path("state")}; ${client.join(" ")}; echo "ended $?"; read -r _`;
    this.#tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", script);
  }

  get screen(): string {
    return this.#tmux("capture-pane", "-p");
  }

  async shows(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.screen), `the terminal shows ${pattern}`).catch((error: Error) => {
      throw new Error(`${error.message}, but:\n${this.screen}`);
    });
  }

  press(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  #tmux(...args: string[]): string {
    return spawnSync("tmux", ["-S", this.#socket, ...args], { encoding: "utf8" }).stdout;
  }
}

function serve(t: TestContext): Instance {
  const instance = new Instance({
    flavor: "ours",
    tree: join(ROOT, "config"),
    files: {
      "jail.local": "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\naction =\n",
    },
  });
  t.after(async () => {
    // While its socket is still there.
    spawnSync("tmux", ["-S", instance.path("tmux"), "kill-server"]);
    await instance.dispose();
  });
  instance.write("auth.log", "");
  instance.start();
  return instance;
}

test("top shows jails and new bans as they come, and leaves the terminal as it was", { skip }, async (t) => {
  const instance = serve(t);
  const terminal = new Terminal(instance, "top");
  await terminal.shows(/^JAIL +BACKEND.*\nsshd +polling +0 +0/m);
  instance.client("set", "sshd", "banip", "203.0.113.7");
  await terminal.shows(/Newest bans\n.* sshd +203\.0\.113\.7/);
  terminal.press("q");
  await terminal.shows(/^ended 0$/m);
  assert.doesNotMatch(terminal.screen, /Newest bans/);
  assert.match(instance.client("top", "--once"), /^sshd +polling +0 +0 +0 +1 +1/m);
});

test("interactive mode completes words and brings lines back", { skip }, async (t) => {
  const instance = serve(t);
  const terminal = new Terminal(instance, "-i");
  await terminal.shows(/^fail2ban>/m);
  terminal.press("status ss");
  await terminal.shows(/> status ss/);
  terminal.press("Tab");
  await terminal.shows(/> status sshd/);
  terminal.press("Enter");
  await terminal.shows(/Banned IP list:/);
  terminal.press("get sshd b");
  await terminal.shows(/> get sshd b/);
  // One after the other, as the line editor takes several keys at once for pasted text.
  terminal.press("Tab");
  await terminal.shows(/> get sshd ban/);
  terminal.press("Tab");
  await terminal.shows(/^banip +banned +banprefix +bantime/m);
  terminal.press("C-u");
  terminal.press("exit");
  await terminal.shows(/> exit/);
  terminal.press("Enter");
  await terminal.shows(/^ended 0$/m);
  assert.equal(instance.read("state/fail2ban-ts/history"), "status sshd \nexit\n");
});
