import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

const SWITCH = "/proc/sys/net/ipv6/conf/all/disable_ipv6";

/** The setting `allowipv6`: `auto`, or a truth word. */
export class IPv6Setting {
  #allowed: boolean | null = null;
  readonly #detect: () => boolean;

  /** @param detect finds out whether the machine uses IPv6 */
  constructor(detect: () => boolean = machineUsesIPv6) {
    this.#detect = detect;
  }

  /** Whether names are resolved to IPv6 addresses and actions are started for IPv6. */
  get allowed(): boolean {
    this.#allowed ??= this.#detect();
    return this.#allowed;
  }

  /** `auto` asks the machine; everything but `1`, `on`, `true` and `yes` counts as no. */
  set(value: string): void {
    const word = value.toLowerCase();
    this.#allowed = word === "auto" ? null : ["1", "on", "true", "yes"].includes(word);
  }
}

/** Whether IPv6 is switched on in the kernel; where that cannot be told, whether any interface has an address. */
export function machineUsesIPv6(): boolean {
  try {
    return readFileSync(SWITCH, "latin1").trim() === "0";
  } catch {
    const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    return addresses.some((address) => address.family === "IPv6");
  }
}
