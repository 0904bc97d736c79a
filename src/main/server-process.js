/*
 * Plain JavaScript, because it comes before everything else: a server process takes a while to load itself, and does so
 * best while the program that starts it still reads what there is to start.
 */

/** Set for the processes of servers that are started here, to the descriptor on which they get their orders. */
export const ORDERS = "FAIL2BAN_DETACHED";
const ORDERS_DESCRIPTOR = 3;
/**
 * Threads that help the engine; `bin/fail2ban-server` names the same number for servers in the foreground. Each keeps
 * memory of its own, and more of them than that have nothing to do beside one thread that works.
 */
const THREADS = "--v8-pool-size=2";
/**
 * The C library gives threads places of their own to allocate memory in, and keeps what was freed there: megabytes,
 * of which nothing comes back. The launcher sets the same. It is for servers only: {@link forgetAllocation}.
 */
const ALLOCATION = "MALLOC_ARENA_MAX";

/** Keeps from the programs that a server runs what concerns only its own memory. */
export function forgetAllocation() {
  delete process.env[ALLOCATION];
}

/**
 * Starts the process of a server, which then waits for orders. Nobody waits for it: where none come, it ends with
 * this process.
 *
 * @param {string} program the server program's main file
 * @returns {import("node:child_process").ChildProcess}
 */
export function spawnServer(program) {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn(process.execPath, [...process.execArgv, THREADS, program], {
    // A session of its own, no terminal, no directory kept busy. Standard error is a pipe only as long as the start
    // takes: what the server says is shown if it fails.
    detached: true,
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: { [ALLOCATION]: "1", ...process.env, [ORDERS]: String(ORDERS_DESCRIPTOR) },
  });
  // A process that cannot be started has no streams, and one that has ended says so by its end.
  child.on("error", () => {});
  ordersOf(child)?.on("error", () => {});
  setReferenced(child, false);
  return child;
}

/**
 * The stream on which a server process gets its orders and says that it serves.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @returns {import("node:net").Socket | undefined}
 */
export function ordersOf(child) {
  return /** @type {import("node:net").Socket | undefined} */ (child.stdio?.[ORDERS_DESCRIPTOR]);
}

/**
 * Whether this process goes on as long as a server process and its streams do.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @param {boolean} referenced
 */
export function setReferenced(child, referenced) {
  const what = referenced ? "ref" : "unref";
  child[what]();
  for (const stream of [child.stderr, ordersOf(child)]) /** @type {any} */ (stream)?.[what]();
}

/**
 * Starts the process of a server if the command line most probably asks for one in the background; that it does is only
 * known when it has been read and the configuration, too.
 *
 * @param {string} program the server program's main file
 * @param {readonly string[]} args
 */
export function spawnEarly(program, args) {
  const last = args.at(-1);
  if (last !== "start" && last !== "restart") return null;
  return servesHere(args) || args.some(isInteractive) ? null : spawnServer(program);
}

/**
 * Whether this process may become a server itself: it was started as one, or is to be one in the foreground.
 *
 * @param {readonly string[]} args
 */
export function servesHere(args) {
  return process.env[ORDERS] !== undefined || args.some((word) => /^-[a-z]*f/i.test(word));
}

/** @param {string} word */
function isInteractive(word) {
  return /^-[a-z]*i/i.test(word);
}
