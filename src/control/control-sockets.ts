import { lstatSync, statSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { FindGroup } from "./group-database.ts";
import { isRole, type Role } from "./role.ts";
import { roleSocketPath } from "./role-sockets.ts";
import { ControlSocket, type ControlSocketOptions } from "./server-socket.ts";

/** Longest request of those who are no administrators, in bytes: enough to ban tens of thousands of addresses. */
const REQUEST_BYTES = 1024 * 1024;

export interface ControlSocketsOptions extends Omit<ControlSocketOptions, "role"> {
  readonly findGroup: FindGroup;
}

/**
 * The sockets of a server: its own, which is for administrators, and one for each group that has a role. Who may use
 * a socket is decided by the file's group, since Node cannot ask who is at the other end.
 */
export class ControlSockets {
  readonly #options: ControlSocketsOptions;
  readonly #main: ControlSocket;
  readonly #roles = new Map<string, { readonly role: Role; readonly socket: ControlSocket }>();
  #group: string | null = null;
  #shuttingDown = false;

  constructor(options: ControlSocketsOptions) {
    this.#options = options;
    this.#main = new ControlSocket(options);
  }

  /** Begins to listen on the main socket. @throws ControlSocketError when that is impossible */
  listen(): Promise<void> {
    return this.#main.listen();
  }

  /** From now on requests are answered with a notice that the server goes down, and not executed. */
  refuseRequests(): void {
    this.#shuttingDown = true;
    for (const socket of this.#all()) socket.refuseRequests();
  }

  /** Closes all sockets, see {@link ControlSocket.close}. */
  async close(): Promise<void> {
    await Promise.all(this.#all().map((socket) => socket.close()));
  }

  /** The group whose members may use the main socket; `null`: only its owner. */
  get group(): string | null {
    return this.#group;
  }

  /** Lets a group use the main socket. Gives what is wrong; the socket then is for its owner alone. */
  async setGroup(name: string | null): Promise<string[]> {
    if (name === null) {
      if (this.#group !== null) this.#main.grant(null);
      this.#group = null;
      return [];
    }
    try {
      this.#main.grant(await this.#groupNumber(name));
      this.#group = name;
      return this.#directoryFaults();
    } catch (error) {
      if (this.#group !== null) this.#main.grant(null);
      this.#group = null;
      return [`socketgroup = ${name}: ${(error as Error).message}; the socket is for its owner alone`];
    }
  }

  /** The roles in force, by group. */
  get roles(): ReadonlyMap<string, Role> {
    return new Map([...this.#roles].map(([group, { role }]) => [group, role]));
  }

  /**
   * Opens a socket for each group that has a role, and closes those of groups that have none any more. Gives what is
   * wrong; groups with which something is have no socket then.
   */
  async setRoles(wanted: ReadonlyMap<string, string>): Promise<string[]> {
    for (const [group, { role, socket }] of this.#roles) {
      if (wanted.get(group) === role) continue;
      this.#roles.delete(group);
      // Somebody whose role was taken away is to lose it now. The change may have come through this very socket.
      void socket.close();
    }
    const faults: string[] = [];
    for (const [group, role] of wanted) {
      if (this.#roles.has(group) || this.#shuttingDown) continue;
      try {
        await this.#open(group, role);
      } catch (error) {
        faults.push(`socketrole.${group} = ${role}: ${(error as Error).message}; there is no socket for it`);
      }
    }
    return this.#roles.size > 0 ? [...faults, ...this.#directoryFaults()] : faults;
  }

  async #open(group: string, role: string): Promise<void> {
    if (!isRole(role)) throw new Error("the role must be read, ban or admin");
    const number = await this.#groupNumber(group);
    const path = roleSocketPath(this.#options.path, role, group);
    const { handler, clock, log, limits } = this.#options;
    removeLeftover(path);
    const socket = new ControlSocket({
      handler,
      clock,
      log,
      path,
      role,
      limits: role === "admin" ? { ...limits } : { requestBytes: REQUEST_BYTES, ...limits },
    });
    await socket.listen();
    try {
      socket.grant(number);
    } catch (error) {
      await socket.close();
      throw error;
    }
    this.#roles.set(group, { role, socket });
    log.info(`Group '${group}' may use ${path} (${role})`);
  }

  async #groupNumber(name: string): Promise<number> {
    const number = await this.#options.findGroup(name);
    if (number === null) throw new Error(`there is no group '${name}'`);
    return number;
  }

  #directoryFaults(): string[] {
    const folder = dirname(this.#options.path);
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o011) !== 0) return [];
    return [
      `the directory ${folder} is closed to everybody but its owner, so no group reaches a socket in it`,
    ];
  }

  #all(): ControlSocket[] {
    return [this.#main, ...[...this.#roles.values()].map(({ socket }) => socket)];
  }
}

/** What a server left behind that was killed is in nobody's use: the one that has the main socket is alone. */
function removeLeftover(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSocket()) unlinkSync(path);
  else if (found) throw new Error(`${path} is in the way and is no socket`);
}
