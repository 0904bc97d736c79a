import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import type { Logger } from "../log/logger.ts";

/** The file that holds the number of the server's process. Troubles with it are logged and stop nothing. */
export class PidFile {
  readonly #path: string;
  readonly #log: Logger;
  #written = false;

  /** @param log logger `fail2ban.server` */
  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** Writes the file, readable for its owner only; its directory is created if missing, one level. */
  write(): void {
    try {
      if (isAbsolute(this.#path)) makeDirectory(dirname(this.#path));
      writeFileSync(this.#path, `${process.pid}\n`, { mode: 0o600 });
      this.#written = true;
    } catch (error) {
      this.#log.error(`Unable to create PID file: ${(error as Error).message}`);
    }
  }

  /** Removes the file, unless the next server has written its own number into it already. */
  remove(): void {
    if (!this.#written) return;
    try {
      if (readFileSync(this.#path, "utf8") !== `${process.pid}\n`) return;
      unlinkSync(this.#path);
    } catch (error) {
      this.#log.error(`Unable to remove PID file: ${(error as Error).message}`);
    }
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
