import type { Jail } from "../jail/jail.ts";
import { PyTuple, type PyValue } from "../pyvalue/value.ts";
import { sourcesOfJail } from "./source-states.ts";

/** How much `status` tells of a jail. */
export type StatusFlavor = "basic" | "short" | "cymru" | "stats" | "sources";

const FLAVORS: readonly string[] = ["basic", "short", "cymru", "stats", "sources"];

/** The flavor of that name; `null` for a name that is none. */
export function statusFlavor(name: string): StatusFlavor | null {
  return FLAVORS.includes(name) ? (name as StatusFlavor) : null;
}

/** What `status` says of all jails. */
export function statusOfServer(names: readonly string[]): PyValue[] {
  return [new PyTuple("Number of jail", names.length), new PyTuple("Jail list", names.toSorted().join(", "))];
}

/** What `status JAIL FLAVOR` says. */
export async function statusOfJail(jail: Jail, flavor: StatusFlavor): Promise<PyValue[]> {
  if (flavor === "sources") return sourcesOfJail(jail);
  if (flavor === "stats") return statsOfJail(jail);
  const bans = jail.bans.tickets().map((ticket) => ticket.id.text);
  const actions: PyValue[] = [
    new PyTuple("Currently banned", bans.length),
    new PyTuple("Total banned", jail.bans.total),
  ];
  const { rules } = jail.policy;
  if (rules.dryrun) actions.push(new PyTuple("Dry run", "nobody is blocked"));
  if (rules.maxbans > 0) actions.push(new PyTuple("Most bans", rules.maxbans));
  if (flavor !== "short") actions.push(new PyTuple("Banned IP list", bans));
  if (rules.aggregate.list.length > 0) {
    actions.push(
      new PyTuple(
        "Networks blocked as one",
        jail.aggregation.networks.map(({ text }) => text),
      ),
    );
  }
  if (flavor === "cymru") {
    // Look-ups at Team Cymru are not built; the reference says the same where its DNS package is missing.
    for (const label of ["Banned ASN list", "Banned Country list", "Banned RIR list"]) {
      actions.push(new PyTuple(label, ["error"]));
    }
  }
  return [
    new PyTuple("Filter", [
      new PyTuple("Currently failed", jail.failures.size),
      new PyTuple("Total failed", jail.failures.total),
      jail.backend === "systemd"
        ? new PyTuple("Journal matches", [jail.journalMatches.summary()])
        : new PyTuple("File list", jail.logs.paths()),
    ]),
    new PyTuple("Actions", actions),
  ];
}

function statsOfJail(jail: Jail): PyValue[] {
  return [
    jail.backend,
    new PyTuple(jail.failures.size, jail.failures.total),
    new PyTuple(jail.bans.size, jail.bans.total),
  ];
}
