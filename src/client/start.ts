import { existsSync } from "node:fs";
import type { Configuration } from "../config/read.ts";
import { PyError, type PyValue } from "../pyvalue/value.ts";
import { beautify } from "./beautify.ts";
import { configure } from "./configure.ts";
import type { BackgroundServer, ClientContext, ForegroundServer } from "./context.ts";
import { ask, isWritable, roleSockets } from "./reach.ts";
import { logRefusal, sendAndShow, serverIsThere } from "./send.ts";
import { waitUntil } from "./wait.ts";

/** The commands of a running server's first minute. */
type Execute = (command: PyValue[]) => Promise<PyValue>;

/**
 * `start`: brings up a server, in the background or in this process, and configures it. In this process it
 * returns when the server has ended. False when it failed, after the reason was reported.
 */
export async function start(context: ClientContext): Promise<boolean> {
  const { log, options, settings, inheritsSocket } = context;
  // A socket that was handed over exists, and takes connections before there is a server.
  if (!inheritsSocket && (await serverIsThere(context))) {
    log.error("Server already running");
    return false;
  }
  // The process loads itself while the configuration is read.
  const server = options.background ? await context.launcher.inBackground(context) : null;
  const configuration = await configure(context);
  const isTaken = existsSync(settings.socket) && !options.force && !inheritsSocket;
  if (configuration && isTaken) {
    log.error("Fail2ban seems to be in unexpected state (not running but the socket exists)");
  }
  if (!configuration || isTaken) {
    server?.release();
    return false;
  }
  if (!server) return serveHere(context, configuration);
  return (await launch(context, server)) && introduce(context, configuration);
}

/** Lets a server process begin and waits until it serves. */
async function launch(context: ClientContext, server: BackgroundServer): Promise<boolean> {
  const { log, options, settings } = context;
  server.begin();
  const isSettled = async () => server.serves || server.ended !== null;
  await waitUntil(context, options.timeoutSeconds, isSettled, server.settled);
  const { serves, ended: last } = server;
  server.release();
  if (serves && last === null) return true;
  // A server that would come up later would have no jails.
  if (last === null) server.kill();
  if (last) log.error(`Failed to start server: ${last.trim()}`);
  log.error(
    `Could not start server. Maybe an old socket file is still present. Try to remove ${settings.socket}. If you used ` +
      "fail2ban-client to start the server, adding the -x option will do it",
  );
  return false;
}

/** What a new server made of its configuration: all of it is in force, some jails are, or nothing is. */
type Acceptance = "accepted" | "partly" | "refused";

/**
 * Hands the configuration to a server in the background. One that refuses it is stopped again; one that only
 * has jails missing goes on with the others, but the start counts as failed.
 */
async function introduce(context: ClientContext, configuration: Configuration): Promise<boolean> {
  const execute: Execute = (command) => ask(context, command);
  const acceptance = await configureServer(context, execute, configuration);
  if (acceptance === "refused") await execute(["stop"]).catch(() => {});
  return acceptance === "accepted";
}

async function serveHere(context: ClientContext, configuration: Configuration): Promise<boolean> {
  let server: ForegroundServer;
  try {
    server = await context.launcher.inForeground(context);
  } catch (error) {
    context.log.error(`Could not start server: ${(error as Error).message}`);
    return false;
  }
  const acceptance = await configureServer(context, (command) => server.execute(command), configuration);
  if (acceptance === "refused") server.quit();
  else server.ready();
  await server.closed;
  return acceptance !== "refused";
}

async function configureServer(
  context: ClientContext,
  execute: Execute,
  { commands, extensions, faulty }: Configuration,
): Promise<Acceptance> {
  let acceptance: Acceptance = faulty ? "partly" : "accepted";
  try {
    await execute(["server-stream", [...commands, ...extensions]]);
  } catch (error) {
    if (error instanceof PyError) await logRefusal(context, error);
    else context.log.error((error as Error).message);
    acceptance = (await hasJails(execute)) ? "partly" : "refused";
  }
  if (acceptance === "refused") {
    context.log.error("Could not configure server, it is stopped");
    return acceptance;
  }
  if (acceptance === "partly") {
    context.log.error("Not all jails could be started, the server protects with the others; see its log");
  }
  const status = await execute(["server-status"]);
  context.print(`${beautify(["server-status"], status)}\n`);
  return acceptance;
}

async function hasJails(execute: Execute): Promise<boolean> {
  const banned = await execute(["banned"]).catch(() => []);
  return Array.isArray(banned) && banned.length > 0;
}

/** Whether this user reaches the server as a member of a group: enough to stop it, not to start it again. */
async function isMemberOnly({ settings: { socket } }: ClientContext): Promise<boolean> {
  return existsSync(socket) && !isWritable(socket) && (await roleSockets(socket)).length > 0;
}

/** `restart` without a jail: stops the server, if one runs, and starts it anew. */
export async function restart(context: ClientContext): Promise<boolean> {
  const { interactive } = context.options;
  if (await isMemberOnly(context)) {
    context.log.error("Only root can start a server again: 'reload --restart --all' makes all jails anew");
    return false;
  }
  if (interactive) context.print("  ## stop ... \n");
  if (await sendAndShow(context, ["stop"])) {
    const gone = async () => !(await serverIsThere(context)) && !existsSync(context.settings.socket);
    await waitUntil(context, context.options.timeoutSeconds, gone);
  }
  if (interactive) context.print("  ## start ... \n");
  return start(context);
}
