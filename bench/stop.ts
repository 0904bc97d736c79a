import { type ServerSubject, withServer } from "./server.ts";
import { printTable } from "./table.ts";

const JAILS = 50;
const ACTION = "nftables-multiport";

/** How long a server with many jails takes to stop, without bans and with one in each jail. */
export async function benchStop(subjects: readonly ServerSubject[]): Promise<void> {
  const rows: string[][] = [];
  for (const subject of subjects) {
    const row = [subject.label];
    for (const hasBans of [false, true]) row.push((await measure(subject, hasBans)).toFixed(2));
    rows.push(row);
  }
  printTable(
    `Stop with ${JAILS} jails, nftables: seconds, client included`,
    ["server", "without bans", "one ban in each"],
    rows,
  );
}

function measure(subject: ServerSubject, hasBans: boolean): Promise<number> {
  const jails = Array.from({ length: JAILS }, (_, i) => `jail${String(i).padStart(2, "0")}`);
  return withServer(subject, { action: ACTION, jails }, async (server) => {
    server.instance.start();
    if (hasBans) {
      for (const [i, jail] of jails.entries()) await server.send("set", jail, "banip", `10.0.0.${i}`);
      while (server.elements(ACTION) < JAILS) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const seconds = await server.stop();
    if (server.namespace.nftRuleset() !== "") throw new Error("something is left in the firewall");
    return seconds;
  });
}
