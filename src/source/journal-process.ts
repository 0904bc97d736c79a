/** What a running `journalctl` reports. After `onEnd` nothing more comes. */
export interface JournalProcessEvents {
  readonly onOutput: (piece: Buffer) => void;
  /** @param reason `null` when it ended well; else what went wrong, for the log */
  readonly onEnd: (reason: string | null) => void;
}

/** Starts `journalctl` with arguments; the returned function ends it, after which it reports nothing more. */
export type RunJournalctl = (arguments_: readonly string[], events: JournalProcessEvents) => () => void;

/** Characters of error output that are kept. */
const KEPT = 500;

/** Runs the `journalctl` that is found on the PATH. */
export const runJournalctl: RunJournalctl = (arguments_, { onOutput, onEnd }) => {
  let child: ReturnType<typeof start>;
  try {
    child = start(arguments_);
  } catch (error) {
    // Not every failure to start comes as an event.
    queueMicrotask(() => onEnd(startTrouble(error as NodeJS.ErrnoException)));
    return () => {};
  }
  let ended = false;
  let errors = "";
  const end = (reason: string | null) => {
    if (ended) return;
    ended = true;
    onEnd(reason);
  };
  child.stdout.on("data", (piece: Buffer) => {
    if (!ended) onOutput(piece);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(0, KEPT);
  });
  child.on("error", (error: NodeJS.ErrnoException) => end(startTrouble(error)));
  child.on("close", (code, signal) => {
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    const detail = errors.trim().replace(/\s+/g, " ");
    end(code === 0 ? null : `journalctl ${how}${detail === "" ? "" : `: ${detail}`}`);
  });
  return () => {
    ended = true;
    child.kill();
    child.stdout.destroy();
    child.stderr.destroy();
  };
};

function start(arguments_: readonly string[]) {
  // Loaded when it is needed: that takes longer than many a run of the tester, which seldom reads a journal.
  const { spawn } = process.getBuiltinModule("node:child_process");
  return spawn("journalctl", arguments_, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C", SYSTEMD_COLORS: "0" },
  });
}

function startTrouble(error: NodeJS.ErrnoException): string {
  if (error.code !== "ENOENT") return `journalctl cannot be started: ${error.message}`;
  return "journalctl is not installed (it comes with systemd); use a backend that reads files, or install it";
}
