import assert from "node:assert/strict";
import { test } from "node:test";
import { failedLogin, isolated, until } from "./instance.ts";
import { skipWithoutNamespace } from "./namespace.ts";
import { SHIPPED } from "./shipped-tree.ts";

/** Each mail waits until the test lets mails go, as for a server that does not answer. */
const MAIL = `[Definition]
actionban = echo <ip> >> {DIR}/begun
            while [ ! -e {DIR}/go ]; do sleep 0.05; done
            echo <ip> >> {DIR}/sent
`;

test("a mail that does not get through delays no firewall rule, and all mails are sent in the end", {
  skip: skipWithoutNamespace("nft"),
}, async (t) => {
  const { instance, namespace } = isolated(t, {
    tree: SHIPPED,
    files: {
      "action.d/mail.conf": MAIL,
      "jail.local":
        "[sshd]\nenabled = true\nbackend = polling\nlogpath = {DIR}/auth.log\nmaxretry = 3\nbantime = 600\n" +
        'action = mail\n  nftables[name=%(__name__)s, port="22"]\n',
    },
  });
  const elements = () => namespace.nftRuleset().match(/198\.18\.\d+\.\d+/g)?.length ?? 0;
  const lines = (file: string) => instance.read(file).split("\n").slice(0, -1);
  const attackers = Array.from({ length: 40 }, (_, index) => `198.18.0.${index + 1}`);
  instance.write("auth.log", "");
  instance.start();
  instance.append("auth.log", attackers.map((ip) => failedLogin(ip).repeat(3)).join(""));
  await until(() => elements() === 40, "all attackers are blocked");
  // Mails share a shell, one after the other.
  await until(() => lines("begun").length > 0, "the first mail is begun");
  assert.deepEqual(lines("begun"), [attackers[0]]);
  assert.deepEqual(lines("sent"), []);
  instance.client("set", "sshd", "unbanip", ...attackers.slice(0, 10));
  await until(() => elements() === 30, "nor are unbans delayed");
  assert.deepEqual(lines("begun"), [attackers[0]]);
  instance.write("go", "");
  await until(() => lines("sent").length === 40, "all mails are sent");
  assert.deepEqual(lines("sent"), attackers);
  assert.doesNotMatch(instance.read("fail2ban.log"), / (?:ERROR|WARNING) .*mail/);
});
