import { accessSync, constants } from "node:fs";
import { ControlConnection, TransportError } from "../control/connection.ts";
import type { RoleSocket } from "../control/role-sockets.ts";
import type { PyValue } from "../pyvalue/value.ts";
import type { ClientContext } from "./context.ts";

/**
 * A connection to the server: by its own socket, or for users whom that is closed to by the first of the sockets for
 * groups that they may use.
 *
 * @throws TransportError when none can be reached; that of the server's own socket
 */
export async function reach(
  { settings, clock, log }: Pick<ClientContext, "settings" | "clock" | "log">,
  timeoutSeconds?: number,
): Promise<ControlConnection> {
  const options = { clock, timeoutSeconds };
  try {
    return await ControlConnection.open(settings.socket, options);
  } catch (error) {
    if (!isClosedToUs(error)) throw error;
    for (const { path, role, group } of await roleSockets(settings.socket)) {
      const connection = await ControlConnection.open(path, options).catch(() => null);
      if (connection === null) continue;
      log.info(`Using socket file ${path}, as a member of group ${group} with the role '${role}'`);
      return connection;
    }
    throw error;
  }
}

/** One command on a connection of its own. Throws as {@link reach} and `ControlConnection.send` do. */
export async function ask(
  context: Pick<ClientContext, "settings" | "clock" | "log">,
  command: PyValue[],
  timeoutSeconds?: number,
): Promise<PyValue> {
  const connection = await reach(context, timeoutSeconds);
  try {
    return await connection.send(command);
  } finally {
    connection.close();
  }
}

/** Whether the user may not use the server's own socket. */
export function isClosedToUs(error: unknown): boolean {
  return error instanceof TransportError && (error.code === "EACCES" || error.code === "EPERM");
}

/** Whether the user may write to a file, and so connect to a socket. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The sockets for groups. Few need them, so what finds them is loaded only then. */
export async function roleSockets(main: string): Promise<RoleSocket[]> {
  return (await import("../control/role-sockets.ts")).findRoleSockets(main);
}
