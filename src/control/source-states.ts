import type { Jail } from "../jail/jail.ts";
import type { LogSource } from "../jail/log-source.ts";
import { PyFloat, type PyValue } from "../pyvalue/value.ts";

type State = Awaited<ReturnType<LogSource["states"]>>[number];

/**
 * `status JAIL sources`: a dictionary for each source of the jail's lines. `source`, `reader`, `health`, `since` and
 * `error` say whether it is read; `behind` has `bytes`, `lines` (estimated unless `counted`) and `seconds`; then
 * `lastline` (its own date) and `lastread`, `position`, `size`, `inode`, `device` and `cursor`. Times are seconds
 * since 1970 UTC; `None` is what is not known or does not apply.
 */
export async function sourcesOfJail(jail: Jail): Promise<PyValue[]> {
  return (await jail.logs.states()).map(record);
}

function record({
  name,
  reader,
  health,
  fault,
  lag,
  lastLineTime,
  lastReadAt,
  file,
  cursor,
}: State): PyValue {
  const { bytes, lines, linesExact, seconds } = lag;
  return dictionary({
    source: name,
    reader,
    health,
    since: decimal(fault?.since ?? null),
    error: fault?.reason ?? null,
    behind: dictionary({ bytes, lines, counted: linesExact, seconds: decimal(seconds) }),
    lastline: decimal(lastLineTime),
    lastread: decimal(lastReadAt),
    position: file?.position ?? null,
    size: file?.size ?? null,
    inode: file?.inode ?? null,
    device: file?.device ?? null,
    cursor,
  });
}

function dictionary(members: Record<string, PyValue>): PyValue {
  return new Map<PyValue, PyValue>(Object.entries(members));
}

/** Milliseconds are enough. */
function decimal(seconds: number | null): PyValue {
  return seconds === null ? null : new PyFloat(Math.round(seconds * 1000) / 1000);
}
