import type { PyValue } from "../pyvalue/value.ts";
import { TERMINATOR } from "./frame.ts";
import { encodePickle } from "./pickle-encode.ts";

/** A value in its pickled form, with terminator: a request, or an answer. */
export function pickleMessage(value: PyValue): Buffer {
  const bytes = encodePickle(value);
  // Strings cannot contain the terminator, but bytes and very long integers could.
  if (bytes.includes(TERMINATOR)) throw new RangeError("message contains its own terminator");
  return Buffer.concat([bytes, TERMINATOR]);
}
