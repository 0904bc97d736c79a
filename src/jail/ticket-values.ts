import type { BanInfo } from "../enforce/ban-info.ts";
import { CommandTemplate } from "../enforce/dynamic-tags.ts";
import { type JailView, TicketInfo, type TicketSurroundings } from "../enforce/ticket-info.ts";
import type { Identifier } from "../net/identifier.ts";
import type { BanTicket } from "../track/ban-list.ts";
import type { Candidate } from "../track/ignore-rules.ts";
import type { BanRules } from "./ban-policy.ts";
import { kernelTimeout } from "./kernel-timeout.ts";
import type { JailServices } from "./services.ts";

/** Time limit of `ignorecommand`, seconds. */
const IGNORE_COMMAND_SECONDS = 60;

/** What tags of actions, of `ignorecommand` and of `ignorecache` can ask of a ticket in one jail. */
export class TicketValues {
  readonly #services: JailServices;
  readonly #around: TicketSurroundings;

  /** @param view what tickets may tell of their jail */
  constructor(view: JailView, rules: () => BanRules, services: JailServices) {
    const { database, resolver, clock } = services;
    this.#services = services;
    this.#around = {
      jail: view,
      history: (address, scope) =>
        database()?.mergedBans(address, scope === "all" ? null : view.name) ?? null,
      kernelTimeout: ({ time, banTime }) => {
        const seconds = banTime ?? view.bantime();
        return rules().kerneltimeout && seconds !== -1 ? kernelTimeout(time + seconds, clock.now()) : 0;
      },
      reverseLookup: (address) => resolver.reverse(address.text),
    };
  }

  /** The values for an action's commands. */
  infoOf(ticket: BanTicket): TicketInfo {
    return new TicketInfo(ticket, this.#around);
  }

  /** Somebody about whom the ignore rules are to be asked; `ticketOf` makes a ticket when they want to know more. */
  candidateOf(id: Identifier, ticketOf: () => BanTicket): Candidate {
    return {
      id,
      runCommand: (command) => this.#runIgnoreCommand(command, this.infoOf(ticketOf())),
      expand: async (text) => {
        const { script, values } = await new CommandTemplate(text).render(this.infoOf(ticketOf()));
        return [script, ...values].join("\0");
      },
    };
  }

  async #runIgnoreCommand(text: string, info: BanInfo): Promise<boolean> {
    const { runner, hub } = this.#services;
    const command = await new CommandTemplate(text).render(info);
    const result = await runner.run(command, { timeoutSeconds: IGNORE_COMMAND_SECONDS });
    if (result.code !== 0 && result.code !== 1) {
      hub.logger("utils").error(`${command.script} -- returned ${result.code ?? result.error?.message}`);
    }
    return result.code === 0;
  }
}
