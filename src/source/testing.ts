import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { LEVELS, LogHub } from "../log/logger.ts";
import { systemClock } from "../time/clock.ts";
import { FileHub, type FileHubOptions } from "./file-hub.ts";
import { inspectLogFile } from "./first-line-hash.ts";
import type { LineBlock } from "./line-block.ts";
import type { SubscribeOptions, Subscription } from "./subscription.ts";

/** A temporary directory that goes when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "f2b-source-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Remembers what it is told; tests wait until that suffices. */
export class Witness {
  readonly messages: string[] = [];
  readonly blocks: LineBlock[] = [];
  ends = 0;
  #waiting: { met: () => boolean; resolve: () => void }[] = [];
  readonly log = new LogHub((record) => {
    this.messages.push(record.message);
    this.#told();
  }, LEVELS.HEAVYDEBUG).logger("filter");

  readonly onBlock = (block: LineBlock): void => {
    this.blocks.push(block);
    this.#told();
  };

  readonly onEnd = (): void => {
    this.ends++;
    this.#told();
  };

  /** All text so far. */
  get text(): string {
    return this.blocks.map((block) => block.text).join("");
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** Resolves when `met` holds; looked at whenever something was told. */
  async until(met: () => boolean): Promise<void> {
    if (met()) return;
    await new Promise<void>((resolve) => this.#waiting.push({ met, resolve }));
  }

  /** Resolves when the text is complete, and rejects nothing: the test's time limit does. */
  async sees(text: string): Promise<void> {
    await this.until(() => this.text.length >= text.length);
  }

  /** Resolves when such a message was logged. */
  async hears(part: string): Promise<void> {
    await this.until(() => this.messages.some((message) => message.includes(part)));
  }

  #told(): void {
    for (const waiting of this.#waiting.filter(({ met }) => met())) {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      waiting.resolve();
    }
  }
}

/** A hub that is closed when the test ends. */
export function hubFor(t: TestContext, options: Partial<FileHubOptions> = {}): FileHub {
  const hub = new FileHub({ clock: systemClock, log: new Witness().log, ...options });
  t.after(() => hub.close());
  return hub;
}

/** Subscribes a new witness, from the begin of the file unless `options` say otherwise. */
export function follow(
  hub: FileHub,
  path: string,
  options: Partial<SubscribeOptions> = {},
): { witness: Witness; subscription: Subscription } {
  const witness = new Witness();
  const subscription = hub.subscribe({
    path,
    mode: "inotify",
    encoding: "UTF-8",
    start: { offset: 0, firstLineHash: inspectLogFile(path).firstLineHash },
    onBlock: witness.onBlock,
    onEnd: witness.onEnd,
    log: witness.log,
    ...options,
  });
  return { witness, subscription };
}
