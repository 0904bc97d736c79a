import { openSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/**
 * A program of its own that lets a log grow: FILE MEGABYTES_PER_SECOND SECONDS. One line in a thousand is a failure.
 * Prints how many bytes it has written.
 */

const [path = "", rate = "100", seconds = "5"] = process.argv.slice(2);
const fd = openSync(path, "a");
const began = performance.now();
let written = 0;
let number = 0;

function block(): Buffer {
  const at = new Date();
  const date = `${at.toLocaleString("en-US", { month: "short" })} ${String(at.getDate()).padStart(2)} ${at.toTimeString().slice(0, 8)}`;
  let text = "";
  for (let i = 0; i < 10_000; i++) {
    number++;
    text +=
      number % 1000 === 0
        ? `${date} host sshd[${number % 60_000}]: Failed password for root from 10.1.${number % 200}.1 port 50222 ssh2\n`
        : `${date} host sshd[77]: pam_unix(sshd:session): session opened for user deploy(uid=1000) by (uid=0)\n`;
  }
  return Buffer.from(text);
}

for (let passed = 0; passed < Number(seconds); passed = (performance.now() - began) / 1000) {
  const piece = block();
  while (written < passed * Number(rate) * 1e6) written += writeSync(fd, piece);
  await delay(2);
}
console.log(written);
