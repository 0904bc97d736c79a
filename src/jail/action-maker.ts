import { CommandAction } from "../enforce/command-action.ts";
import { loadModule } from "../enforce/load-module.ts";
import { ModuleAction, type ModuleOptions } from "../enforce/module-action.ts";
import type { JailView } from "../enforce/ticket-info.ts";
import { parseDuration } from "../time/duration.ts";
import type { ActionList } from "./action-list.ts";
import type { JailServices } from "./services.ts";

/** Makes the actions of one jail and puts them on its list. */
export class ActionMaker {
  readonly #actions: ActionList;
  readonly #view: JailView;
  readonly #services: JailServices;

  constructor(actions: ActionList, view: JailView, services: JailServices) {
    this.#actions = actions;
    this.#view = view;
    this.#services = services;
  }

  /**
   * Adds an action made of commands, which are yet to be set; during a reload one of the same name is emptied.
   *
   * @throws {PyError} when the name is taken
   */
  addCommands(name: string): void {
    if (this.#actions.isStale(name)) this.#actions.keep(name);
    else this.#actions.add(this.#newCommandAction(name));
  }

  /**
   * Adds an action that is a module; during a reload it gets new options, or makes room for a new one.
   *
   * @throws {PyError} when the module cannot be loaded or the name is taken
   */
  async addModule(name: string, path: string, options: ModuleOptions): Promise<void> {
    const { clock, hub, hostName } = this.#services;
    const known = this.#actions.isStale(name) ? this.#actions.get(name) : null;
    if (known instanceof ModuleAction && known.reloadable) {
      known.setOptions(options);
      this.#actions.keep(name);
      return;
    }
    const tools = { logger: hub.logger(name), clock, hostName: hostName("full") };
    const action = await loadModule({ path, name, jail: this.#view, options, tools });
    if (known) await this.#actions.replace(action);
    else this.#actions.add(action);
  }

  #newCommandAction(name: string): CommandAction {
    const { clock, hub, runner, lock, transactions, ipv6Allowed, hostName } = this.#services;
    return new CommandAction({
      name,
      jail: this.#view,
      runner,
      lock,
      transactions,
      clock,
      logs: hub,
      parseSeconds: (text) => parseDuration(text).seconds,
      ipv6Allowed,
      raiseEpoch: () => ++this.#actions.epoch,
      hostName,
    });
  }
}
