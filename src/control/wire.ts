import { typeName } from "../pyvalue/type-name.ts";
import { PyBytes, PyError, PyTuple, type PyValue } from "../pyvalue/value.ts";
import type { Frame } from "./frame.ts";
import { readJsonRequest, SHUTDOWN, writeJsonError, writeJsonResult } from "./json-wire.ts";
import { decodePickle } from "./pickle-decode.ts";
import { pickleMessage } from "./pickle-message.ts";

/** The forms of answers: that of the request, for JSON also the one that loses nothing. */
export type AnswerForm = Frame["kind"] | "exact-json";

/** A request, and how its answer is to be written. */
export interface Request {
  readonly command: PyValue[];
  readonly form: AnswerForm;
}

/**
 * Reads a request.
 *
 * @throws PyError when the request can be read but is no command
 * @throws Error of another kind when it cannot be read; the message is the reason
 */
export function readRequest({ kind, bytes }: Frame): Request {
  if (kind === "pickle") return { command: commandOf(decodePickle(bytes)), form: kind };
  const { command, exact } = readJsonRequest(bytes);
  return { command: nonEmpty([...command], "list"), form: exact ? "exact-json" : "json" };
}

/** The complete message that answers a request with success. */
export function writeResult(form: AnswerForm, result: PyValue): Buffer {
  if (form !== "pickle") return writeJsonResult(result, form === "exact-json");
  return result === "pong" ? PONG : pickleMessage(new PyTuple(0, result));
}

/** What is asked for most often, by those who watch whether the server is alive. */
const PONG: Buffer = pickleMessage(new PyTuple(0, "pong"));

/** The complete message that answers a request with an exception. */
export function writeFailure(form: AnswerForm, error: PyError): Buffer {
  if (form !== "pickle") return writeJsonError(error, form === "exact-json");
  return pickleMessage(new PyTuple(1, error));
}

/** The complete message for a request that could not be read or an answer that could not be written. */
export function writeUnreadable(form: AnswerForm, reason: string): Buffer {
  if (form !== "pickle") return writeJsonError(new PyError("builtins", "ValueError", [reason]));
  return pickleMessage(`ERROR: ${reason}`);
}

/** The complete message for every request that arrives while the server goes down. */
export function writeShutdown(form: AnswerForm): Buffer {
  if (form !== "pickle") return writeJsonError(new PyError("builtins", "RuntimeError", [SHUTDOWN]));
  return pickleMessage([SHUTDOWN]);
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
