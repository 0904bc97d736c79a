import type { PyValue } from "../pyvalue/value.ts";
import { type ConnectionOptions, ControlConnection } from "./connection.ts";

/** One command on a connection of its own. Throws as {@link ControlConnection.open} and `send` do. */
export async function sendOnce(
  path: string,
  command: PyValue[],
  options: ConnectionOptions,
): Promise<PyValue> {
  const connection = await ControlConnection.open(path, options);
  try {
    return await connection.send(command);
  } finally {
    connection.close();
  }
}
