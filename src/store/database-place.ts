import { statSync } from "node:fs";

/** Where the file of an open database was found. Whoever moves or deletes it takes it away from its path only. */
export class DatabasePlace {
  readonly #path: string;
  readonly #identity: string;

  /** @param path of a file that was just opened */
  constructor(path: string) {
    this.#path = path;
    this.#identity = identityOf(path);
  }

  /** Whether there is no file any more, or another one; not when that cannot be found out. */
  get isLost(): boolean {
    try {
      return identityOf(this.#path) !== this.#identity;
    } catch {
      return false;
    }
  }
}

function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : "no file";
}
