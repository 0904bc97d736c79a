import { existsSync } from "node:fs";
import { TransportError } from "../control/connection.ts";
import { AnswerError } from "../control/dialect.ts";
import { repr } from "../pyvalue/repr.ts";
import { PyError, PyFloat, type PyValue } from "../pyvalue/value.ts";
import type { ClientContext } from "./context.ts";
import { plainText } from "./plain-text.ts";
import { ask, isClosedToUs, isWritable, roleSockets } from "./reach.ts";
import { UnexpectedAnswer } from "./unexpected-answer.ts";

/** How long a server that accepts connections may take to answer a ping of ours, in seconds. */
const PING_SECONDS = 1;

/** Sends a command of words and shows the answer, as JSON if that was asked for. */
export async function askAndShow(context: ClientContext, command: readonly string[]): Promise<boolean> {
  if (!context.options.json && command.at(-1) !== "--json") return sendAndShow(context, command);
  const { answerAsJson, errorAsJson, takeJson } = await import("./json-answer.ts");
  const { words, json } = takeJson(command);
  if (!json && !context.options.json) return sendAndShow(context, command);
  return sendAndShow(context, words, { answer: (answer) => answerAsJson(words, answer), error: errorAsJson });
}

/** How answers are shown. */
interface View {
  readonly answer: (answer: PyValue) => string;
  readonly error: (error: PyError) => string;
}

/** Sends a command and shows the answer. False when it failed, after the reason was reported. */
export async function sendAndShow(
  context: ClientContext,
  command: readonly PyValue[],
  view?: View,
): Promise<boolean> {
  try {
    const answer = await ask(context, [...command], timeoutOf(command));
    context.print(`${view ? view.answer(answer) : await show(context, command, answer)}\n`);
    return true;
  } catch (error) {
    if (error instanceof PyError) await reportRefusal(context, error, view);
    else if (error instanceof TransportError)
      context.log.error(await transportText(context.settings.socket, command, error));
    else if (error instanceof AnswerError || error instanceof RangeError) context.log.error(error.message);
    else throw error;
    return false;
  }
}

/** Whether a server is there: it answers, or it takes connections and is busy. */
export async function serverIsThere(context: ClientContext): Promise<boolean> {
  try {
    await ping(context);
    return true;
  } catch (error) {
    return error instanceof TransportError ? error.code === "ETIMEDOUT" : true;
  }
}

/** Logs why the server refused a command. */
export async function logRefusal(context: ClientContext, error: PyError): Promise<void> {
  const { errorArguments } = await import("./beautify.ts");
  context.log.error(`NOK: ${errorArguments(error)}`);
}

function ping(context: ClientContext): Promise<PyValue> {
  return ask(context, ["ping", new PyFloat(PING_SECONDS)], PING_SECONDS);
}

async function reportRefusal(context: ClientContext, error: PyError, view?: View): Promise<void> {
  await logRefusal(context, error);
  const { beautifyError } = await import("./beautify.ts");
  context.print(`${view ? view.error(error) : beautifyError(error)}\n`);
}

async function show(
  { hub, utf8 }: ClientContext,
  command: readonly PyValue[],
  answer: PyValue,
): Promise<string> {
  const plain = plainText(command, answer);
  if (plain !== null) return plain;
  const { beautify, printUnexpected } = await import("./beautify.ts");
  try {
    return beautify(command, answer, utf8);
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer)) throw error;
    const log = hub.logger("beautifier");
    log.warning("Beautifier error. Please report the error");
    log.error(`Beautify ${repr(answer)} with ${repr([...command])} failed`);
    return printUnexpected(answer);
  }
}

/** `ping SECONDS` waits that long for its answer, everything else as long as it takes. */
function timeoutOf(command: readonly PyValue[]): number | undefined {
  const [word, seconds] = command;
  if (word !== "ping" || command.length !== 2 || typeof seconds !== "string") return undefined;
  const value = Number(seconds);
  if (seconds.trim() === "" || Number.isNaN(value)) {
    throw new RangeError(`could not convert string to float: '${seconds}'`);
  }
  return value;
}

async function transportText(
  socket: string,
  command: readonly PyValue[],
  error: TransportError,
): Promise<string> {
  if (error.code !== "ETIMEDOUT") {
    if (!existsSync(socket)) return `Failed to access socket path: ${socket}. Is fail2ban running?`;
    if (!isWritable(socket)) {
      const groups = isClosedToUs(error) ? await roleSockets(socket) : [];
      const others = groups.map(({ group, role }) => `, or in group ${group} for '${role}'`).join("");
      return `Permission denied to socket: ${socket}, (you must be root${others})`;
    }
  }
  if (command[0] === "ping") return error.message;
  return `[${error.message}] Unable to contact server. Is it running?`;
}
