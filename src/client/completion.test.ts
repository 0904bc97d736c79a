import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { printCompletion } from "./completion.ts";
import type { ClientContext } from "./context.ts";
import { vocabulary } from "./vocabulary.ts";

function scriptFor(shell: string): string {
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  assert.equal(printCompletion({ print } as unknown as ClientContext, [shell]), true);
  return printed;
}

const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
const without = (program: string) => (has(program) ? false : `${program} is not installed`);

test("the vocabulary is that of the table of commands", () => {
  const { first, settings, set, get } = vocabulary();
  for (const word of ["status", "set", "get", "ping", "unban", "history"])
    assert.ok(first.includes(word), word);
  assert.ok(settings.includes("loglevel"));
  assert.ok(set.includes("banip") && !set.includes("failregex"));
  assert.ok(get.includes("failregex") && !get.includes("unbanip"));
});

/** A client that knows two jails, or another one with the socket /other; gives the folder that it is in. */
function fakeClient(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "f2b-completion-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const client = join(dir, "fail2ban-client");
  const said = "Status\\n|- Number of jail:\\t2\\n`- Jail list:\\t%s\\n";
  writeFileSync(
    client,
    `#!/bin/sh\ncase "$*" in *"-s /other"*) jails=wiki ;; *) jails="sshd, web" ;; esac\nprintf '${said}' "$jails"\n`,
  );
  chmodSync(client, 0o755);
  return dir;
}

/** What has to come out for a line whose last word is begun. */
const COMPLETIONS: readonly (readonly [line: string, completed: readonly string[]])[] = [
  ["sta", ["start", "stats", "status"]],
  ["status s", ["sshd"]],
  ["profile w", ["web"]],
  ["-c /x set w", ["web"]],
  ["-v -s /other get w", ["wiki"]],
  ["set sshd unb", ["unbanip"]],
  ["get sshd failr", ["failregex"]],
  ["status sshd so", ["sources"]],
  ["completion z", ["zsh"]],
  ["--js", ["--json"]],
  ["ban nothing", []],
];

test("bash completes commands, options, and the names of the jails that run", {
  skip: without("bash"),
}, (t) => {
  const env = { PATH: `${fakeClient(t)}:${process.env["PATH"]}` };
  for (const [line, expected] of COMPLETIONS) {
    const words = line.split(" ");
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const script = `${scriptFor("bash")}\nCOMP_WORDS=(fail2ban-client ${quoted})\nCOMP_CWORD=${words.length}\n_fail2ban_client\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const run = spawnSync("bash", ["--norc", "--noprofile", "-c", script], { env, encoding: "utf8" });
    assert.equal(run.stderr, "");
    assert.deepEqual(run.stdout.split("\n").filter(Boolean), expected, line);
  }
});

test("fish completes the same", { skip: without("fish") }, (t) => {
  const dir = fakeClient(t);
  const env = { PATH: `${dir}:${process.env["PATH"]}`, HOME: dir };
  writeFileSync(join(dir, "script.fish"), scriptFor("fish"));
  for (const [line, expected] of COMPLETIONS) {
    const code = `source ${dir}/script.fish; complete -C 'fail2ban-client ${line}'`;
    const run = spawnSync("fish", ["--no-config", "-c", code], { env, encoding: "utf8" });
    assert.equal(run.stderr, "");
    assert.deepEqual(run.stdout.split("\n").filter(Boolean), expected, line);
  }
});

/** Set up in a shell in which keys are pressed: ctrl-x shows what the tabulator has made of the line. */
const ZSH_SETUP = `
PS1=; PS2=; zle_highlight=()
unsetopt zle_bracketed_paste prompt_cr prompt_sp
setopt no_auto_menu
fpath=($HOME $fpath)
autoload -Uz compinit; compinit -u -D
show() { print -r -- "<$BUFFER>"; zle kill-buffer }
zle -N show; bindkey '^X' show
print '<ready>'
`;

/** Presses the keys: arguments are the lines, `<line>` is printed for each. */
const ZSH_SESSION = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source $HOME/setup.zsh'
zpty -r shell answer '*<ready>*'
for line in "$@"; do
  zpty -w -n shell "fail2ban-client $line"$'\\t\\x18'
  zpty -r shell answer '*<fail2ban-client *>*'
  print -r -- "\${\${answer##*<}%%>*}"
done
zpty -d shell
`;

test("zsh completes the same", { skip: without("zsh") }, (t) => {
  const dir = fakeClient(t);
  const env = { PATH: `${dir}:${process.env["PATH"]}`, HOME: dir, TERM: "dumb" };
  writeFileSync(join(dir, "setup.zsh"), ZSH_SETUP);
  writeFileSync(join(dir, "_fail2ban-client"), scriptFor("zsh"));
  // Several candidates are listed below the line, which keys do not tell apart as plainly.
  const single = COMPLETIONS.filter(([, completed]) => completed.length === 1);
  const args = ["-f", "-c", ZSH_SESSION, "zsh", ...single.map(([line]) => line)];
  const run = spawnSync("zsh", args, { env, encoding: "utf8", timeout: 300_000 });
  assert.equal(run.stderr, "");
  const expected = single.map(
    ([line, [completed]]) => `fail2ban-client ${line.replace(/\S*$/, completed ?? "")} `,
  );
  assert.deepEqual(run.stdout.split("\n").filter(Boolean), expected);
});

for (const shell of ["bash", "zsh", "fish"]) {
  test(`${shell} can read its script`, { skip: without(shell) }, (t) => {
    const file = join(fakeClient(t), "script");
    writeFileSync(file, scriptFor(shell));
    const run = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    assert.equal(run.stderr, "");
    assert.equal(run.status, 0);
  });
}
