import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../time/clock.ts";
import type { BlockMessage, WorkerStart } from "./block-messages.ts";
import { makeBlockTest } from "./block-test.ts";

/** A thread that tests blocks of a log and answers in the order in which they come. */
const test = makeBlockTest(workerData as WorkerStart, systemClock);
const port = parentPort!;
let last: Promise<void> = Promise.resolve();
port.on("message", (block: BlockMessage) => {
  last = last.then(async () => port.postMessage(await test(block)));
});
