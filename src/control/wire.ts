import { typeName } from "../pyvalue/type-name.ts";
import { PyBytes, PyError, PyTuple, type PyValue } from "../pyvalue/value.ts";
import type { Frame } from "./frame.ts";
import { readJsonRequest, writeJsonError, writeJsonResult } from "./json-wire.ts";
import { decodePickle } from "./pickle-decode.ts";
import { pickleMessage } from "./pickle-message.ts";

/**
 * The command in a request.
 *
 * @throws PyError when the request can be read but is no command
 * @throws Error of another kind when it cannot be read; the message is the reason
 */
export function readRequest(frame: Frame): PyValue[] {
  const request = frame.kind === "json" ? readJsonRequest(frame.bytes) : decodePickle(frame.bytes);
  return commandOf(request);
}

/** The complete message that answers a request of this kind with success. */
export function writeResult(kind: Frame["kind"], result: PyValue): Buffer {
  if (kind === "json") return writeJsonResult(result);
  return result === "pong" ? PONG : pickleMessage(new PyTuple(0, result));
}

/** What is asked for most often, by those who watch whether the server is alive. */
const PONG: Buffer = pickleMessage(new PyTuple(0, "pong"));

/** The complete message that answers a request of this kind with an exception. */
export function writeFailure(kind: Frame["kind"], error: PyError): Buffer {
  return kind === "json" ? writeJsonError(error) : pickleMessage(new PyTuple(1, error));
}

/** The complete message for a request that could not be read or an answer that could not be written. */
export function writeUnreadable(kind: Frame["kind"], reason: string): Buffer {
  if (kind === "json") return writeJsonError(new PyError("builtins", "ValueError", [reason]));
  return pickleMessage(`ERROR: ${reason}`);
}

/** The complete message for every request that arrives while the server goes down. */
export function writeShutdown(kind: Frame["kind"]): Buffer {
  if (kind === "json") return writeJsonError(new PyError("builtins", "RuntimeError", ["SHUTDOWN"]));
  return pickleMessage(["SHUTDOWN"]);
}

/** Whatever can be indexed is taken as a command; its first element then is a known word or not. */
function commandOf(request: PyValue): PyValue[] {
  if (Array.isArray(request)) return nonEmpty(request, "list");
  if (request instanceof PyTuple) return nonEmpty([...request.items], "tuple");
  if (typeof request === "string") return nonEmpty([...request], "string");
  if (request instanceof PyBytes) return nonEmpty([...request.bytes], "index");
  if (request instanceof Map) throw new PyError("builtins", "KeyError", [0]);
  throw new PyError("builtins", "TypeError", [`'${typeName(request)}' object is not subscriptable`]);
}

function nonEmpty(items: PyValue[], type: string): PyValue[] {
  if (items.length > 0) return items;
  const message = type === "index" ? "index out of range" : `${type} index out of range`;
  throw new PyError("builtins", "IndexError", [message]);
}
