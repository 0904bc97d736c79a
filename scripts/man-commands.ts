import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandsAsRoff } from "../src/client/command-manual.ts";

/** Writes the table of commands into man/fail2ban-client.1, between the lines that mark its place. */

const page = join(import.meta.dirname, "../man/fail2ban-client.1");
const text = readFileSync(page, "utf8");
writeFileSync(
  page,
  text.replace(/(?<=\.\\" commands begin\n).*(?=\.\\" commands end\n)/s, () => commandsAsRoff()),
);
