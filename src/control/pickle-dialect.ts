import { PyError, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { AnswerError, type Dialect, GOING_DOWN } from "./dialect.ts";
import { CLOSE, TERMINATOR } from "./frame.ts";
import { decodePickle, PickleError } from "./pickle-decode.ts";
import { pickleMessage } from "./pickle-message.ts";

/** A list of all bans of a large server is a long answer. */
const HEAVIEST_ANSWER = 1_000_000_000;

/** What every server of fail2ban understands. */
export const pickleDialect: Dialect = {
  terminator: TERMINATOR,
  farewell: Buffer.concat([CLOSE, TERMINATOR]),
  request: pickleMessage,
  result(bytes) {
    const answer = decode(bytes);
    const items = answer instanceof PyTuple ? answer.items : Array.isArray(answer) ? answer : null;
    // The text is the one that administrators know from fail2ban in this situation.
    if (!items) throw new AnswerError("'str' object has no attribute 'args'");
    if (items.length < 2) throw new AnswerError(GOING_DOWN);
    const [code, value] = items;
    if (code === 0) return value ?? null;
    throw value instanceof PyError ? value : new PyError("builtins", "Exception", [value ?? null]);
  },
};

function decode(bytes: Buffer): PyValue {
  try {
    return decodePickle(bytes, { objects: "errors", maxWeight: HEAVIEST_ANSWER });
  } catch (error) {
    throw error instanceof PickleError ? new AnswerError(error.message) : error;
  }
}
