import { Namespace, skipWithoutNamespace } from "../test/namespace.ts";

/** Where the demo's bans go: real nftables in a private namespace, or a file that says what would be done. */
export interface DemoFirewall {
  /** Network namespace of the server, if it has one of its own. */
  readonly namespace?: Namespace;
  /** Name of the action for jail.local. */
  readonly banaction: string;
  /** Further files of the configuration tree. */
  readonly files: Readonly<Record<string, string>>;
  /** One sentence about what this is. */
  readonly description: string;
  /** What the firewall holds for a jail; `{DIR}` files are read with the given function. */
  show(jail: string, read: (file: string) => string): { speaker: string; text: string };
  dispose(): void;
}

/** The real thing where it can be had, else the dry run. */
export function openFirewall(): DemoFirewall {
  const reason = skipWithoutNamespace("nft");
  return reason === false ? realFirewall() : dryRun(reason);
}

function realFirewall(): DemoFirewall {
  const namespace = new Namespace();
  return {
    namespace,
    banaction: "nftables-multiport",
    files: {},
    description:
      "Bans go into real nftables, inside a network namespace of the demo's own. This machine's firewall is not touched.",
    show: (jail) => ({ speaker: "kernel", text: describeSets(namespace.nftRuleset(), jail) }),
    dispose: () => namespace.delete(),
  };
}

/** The address sets of one jail in a ruleset, one line each. */
function describeSets(ruleset: string, jail: string): string {
  const sets = ruleset.matchAll(/set (addr6?-set-\S+) \{([^}]*)/g);
  const lines = [...sets]
    .filter(([, name]) => name?.endsWith(`-${jail}`))
    .map(([, name, body]) => {
      const elements = /elements = \{([^}]*)/.exec(body ?? "")?.[1] ?? "";
      const addresses = elements.split(",").map((one) => one.trim().split(/\s/)[0]);
      return `nft set ${name} = { ${addresses.filter(Boolean).join(", ")} }`.replace("{  }", "{ } (empty)");
    });
  return lines.length > 0 ? lines.join("\n") : `nft: no address is banned by jail ${jail}`;
}

function dryRun(reason: string): DemoFirewall {
  const file = "would-be-firewall.txt";
  return {
    banaction: "dry-run",
    files: {
      "action.d/dry-run.conf":
        "[Definition]\n" +
        `actionban = echo "nft add element inet f2b-table addr-set-<name> { <ip> }" >> {DIR}/${file}\n` +
        `actionunban = echo "nft delete element inet f2b-table addr-set-<name> { <ip> }" >> {DIR}/${file}\n` +
        "[Init]\nname = default\n",
    },
    description: `Bans are only written down (${reason}); as root and with nftables installed they are real.`,
    show: (jail, read) => {
      const lines = read(file)
        .split("\n")
        .filter((line) => line.includes(`addr-set-${jail} `));
      return { speaker: "dry run", text: lines.at(-1) ?? `nothing to do for jail ${jail}` };
    },
    dispose: () => {},
  };
}
