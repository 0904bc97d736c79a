import { PyError } from "../pyvalue/value.ts";
import { AnswerError, type Dialect, GOING_DOWN } from "./dialect.ts";
import { readJsonAnswer, SHUTDOWN, writeJsonRequest } from "./json-wire.ts";

/** What our own servers understand, and answer soonest: JSON is read and written by the engine itself. */
export const jsonDialect: Dialect = {
  terminator: Buffer.from("\n"),
  farewell: Buffer.alloc(0),
  request: writeJsonRequest,
  result(bytes) {
    try {
      return readJsonAnswer(bytes);
    } catch (error) {
      if (!(error instanceof PyError)) throw new AnswerError((error as Error).message);
      throw isShutdown(error) ? new AnswerError(GOING_DOWN) : error;
    }
  },
};

function isShutdown({ className, args }: PyError): boolean {
  return className === "RuntimeError" && args[0] === SHUTDOWN;
}
