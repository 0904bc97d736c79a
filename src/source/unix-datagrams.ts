import { type ChildProcess, spawn } from "node:child_process";
import { SyslogFrames } from "./syslog-frames.ts";

/**
 * Receives datagrams at a path and writes each with its length in front. Node has no such sockets, Python has, and it
 * is where the reference was. It ends with its standard input, and removes the socket that it made.
 */
const RECEIVER = `
import os, select, socket, stat, sys
path = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try:
    if stat.S_ISSOCK(os.lstat(path).st_mode):
        try:
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
except FileNotFoundError:
    pass
os.umask(0o117)
try:
    receiver.bind(path)
except OSError as error:
    sys.exit(error.strerror)
os.write(2, b"listening")
while True:
    ready = select.select([receiver, 0], [], [])[0]
    if 0 in ready and not os.read(0, 1):
        break
    if receiver in ready:
        message = receiver.recv(65535)
        if message:
            sys.stdout.buffer.write(b"%d %s" % (len(message), message))
            sys.stdout.buffer.flush()
os.unlink(path)
`;

/** Who is told what happens at a socket. */
export interface DatagramEvents {
  readonly onListening: () => void;
  readonly onMessage: (message: Buffer) => void;
  /** It does not receive, or not any more. */
  readonly onFailure: (error: Error) => void;
}

/** A Unix socket for datagrams, made and kept by a process of its own that needs `python3`. */
export class UnixDatagrams {
  readonly #process: ChildProcess;
  #closed = false;

  /** @param path of the socket; one that nobody serves any more is replaced */
  constructor(path: string, events: DatagramEvents) {
    const child = spawn("python3", ["-I", "-c", RECEIVER, path], { stdio: "pipe" });
    this.#process = child;
    const frames = new SyslogFrames({ onMessage: events.onMessage, onSkipped: () => {} });
    let said = "";
    const fail = (reason: string) => {
      if (this.#closed) return;
      this.#closed = true;
      events.onFailure(new Error(reason));
    };
    child.stdin.on("error", () => {});
    child.stdout.on("data", (piece: Buffer) => {
      if (!this.#closed) frames.push(piece);
    });
    child.stderr.on("data", (piece: Buffer) => {
      said += piece;
      if (said === "listening" && !this.#closed) events.onListening();
    });
    child.on("error", ({ message }) => fail(`python3 is needed for Unix datagrams: ${message}`));
    child.on("close", (code, signal) =>
      fail(said.trim() || `python3 ended with ${signal ?? `code ${code}`}`),
    );
  }

  close(): void {
    this.#closed = true;
    this.#process.stdin?.end();
  }
}
