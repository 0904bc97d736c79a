import { Identifier } from "../net/identifier.ts";
import type { Clock } from "../time/clock.ts";
import type { ActionProperties } from "./action-properties.ts";
import { CommandTemplate, type ShellCommand, type TagSource } from "./dynamic-tags.ts";
import type { ActionFamily } from "./family-states.ts";
import { replaceStaticTags } from "./static-tags.ts";
import { type JailView, TicketInfo } from "./ticket-info.ts";

/** Where {@link CommandTexts} takes values from that are no options. */
export interface CommandSurroundings {
  readonly jail: JailView;
  readonly clock: Clock;
  /** Own host name for the tags `<fq-hostname>` and `<sh-hostname>`. */
  hostName(kind: "full" | "short"): string;
}

/** Makes commands of an action's options; remembers what does not change from ban to ban. */
export class CommandTexts {
  readonly #properties: ActionProperties;
  readonly #around: CommandSurroundings;
  readonly #templates = new Map<string, CommandTemplate>();

  constructor(properties: ActionProperties, around: CommandSurroundings) {
    this.#properties = properties;
    this.#around = around;
  }

  /** Forgets everything: the options changed. */
  clear(): void {
    this.#templates.clear();
  }

  /** A command with its options filled in; the values of a ban are yet to come. */
  template(option: string, family: ActionFamily): CommandTemplate {
    const key = `${option} ${family}`;
    let template = this.#templates.get(key);
    if (!template) {
      template = new CommandTemplate(this.#withOptions(this.#properties.text(option, family), family));
      this.#templates.set(key, template);
    }
    return template;
  }

  /** A command that is about no ban: tags that ask for one find an empty ticket. `null`: nothing to run. */
  async operation(option: string, family: ActionFamily): Promise<ShellCommand | null> {
    const template = this.template(option, family);
    if (template.isBlank) return null;
    const ticket = new TicketInfo(
      { ...EMPTY_TICKET, time: this.#around.clock.now() },
      { jail: this.#around.jail, history: () => null, reverseLookup: async () => null },
    );
    return template.render({ value: (tag) => (tag === "family" ? family : ticket.value(tag)) });
  }

  /** A command that knows the family and nothing else. `null`: nothing to run. */
  async check(option: string, family: ActionFamily): Promise<ShellCommand | null> {
    const template = this.template(option, family);
    const values: TagSource = { value: (tag) => (tag === "family" && family ? family : undefined) };
    return template.isBlank ? null : template.render(values);
  }

  #withOptions(text: string, family: ActionFamily): string {
    return replaceStaticTags(text, this.#properties.resolved(family), {
      builtins: new Map([
        ["fq-hostname", this.#around.hostName("full")],
        ["sh-hostname", this.#around.hostName("short")],
      ]),
      ...(family && { condition: `family=${family}` }),
    });
  }
}

const EMPTY_TICKET = {
  id: Identifier.raw(""),
  timeIsInteger: false,
  banTime: null,
  banCount: 0,
  failures: 0,
  address: null,
  data: {},
  restored: false,
} as const;
