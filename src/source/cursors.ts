import type { Cursor, CursorReader } from "./cursor.ts";
import type { LineDecoder } from "./encoding.ts";
import type { OpenFile } from "./open-file.ts";
import { NO_MARK } from "./place-mark.ts";

/** The places of all readers of one open file. */
export class Cursors implements Iterable<Cursor> {
  readonly #all = new Set<Cursor>();
  #served = 0;

  [Symbol.iterator](): Iterator<Cursor> {
    return this.#all.values();
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Adds a reader's place. */
  place(reader: CursorReader, file: OpenFile, decoder: LineDecoder, offset: number, held: boolean): Cursor {
    const cursor: Cursor = {
      reader,
      file,
      decoder,
      offset,
      held,
      known: 0,
      mark: NO_MARK,
      settledAt: -1,
      served: -1,
      unreachable: -1,
    };
    this.#all.add(cursor);
    return cursor;
  }

  has(cursor: Cursor): boolean {
    return this.#all.has(cursor);
  }

  remove(cursor: Cursor): void {
    this.#all.delete(cursor);
  }

  clear(): void {
    this.#all.clear();
  }

  /**
   * The cursors to serve next: those at one place, the longest unserved place first; `null` when all that want
   * anything have reached the end since wake number `wake`.
   */
  nextGroup(wake: number): CursorGroup | null {
    let next: Cursor | null = null;
    for (const cursor of this.#all) {
      if (!wants(cursor, wake)) continue;
      if (
        !next ||
        cursor.served < next.served ||
        (cursor.served === next.served && cursor.offset > next.offset)
      ) {
        next = cursor;
      }
    }
    if (!next) return null;
    const { offset, decoder } = next;
    const members = [...this.#all].filter(
      (cursor) => wants(cursor, wake) && cursor.offset === offset && cursor.decoder.id === decoder.id,
    );
    this.#served++;
    for (const cursor of members) cursor.served = this.#served;
    return new CursorGroup(this, members, offset, decoder);
  }

  /** How far it is to the place of a reader ahead, to go on together from there; at most `most` bytes. */
  room({ offset, unreachable }: Cursor, most: number): number {
    let room = most;
    for (const other of this.#all) {
      const distance = other.offset - offset;
      if (distance > 0 && distance < room && other.offset !== unreachable && !other.held) room = distance;
    }
    return room;
  }
}

/** Cursors that stood at one place, with decoders that do the same, when reading began. */
export class CursorGroup {
  /** Byte offset of the place. */
  readonly offset: number;
  readonly decoder: LineDecoder;
  readonly #cursors: Cursors;
  readonly #members: readonly Cursor[];

  constructor(cursors: Cursors, members: readonly Cursor[], offset: number, decoder: LineDecoder) {
    this.#cursors = cursors;
    this.#members = members;
    this.offset = offset;
    this.decoder = decoder;
  }

  /** So many bytes behind the place are known to hold no line end. */
  get known(): number {
    return this.#members[0]!.known;
  }

  /** Notes how many bytes behind the place hold no line end; halves of characters do not count. */
  setKnown(bytes: number): void {
    const known = bytes - (bytes % this.decoder.unit);
    for (const cursor of this.#members) cursor.known = known;
  }

  /** What one of the cursors knows of the bytes before the place. */
  get mark(): Buffer {
    return this.#members.find(({ mark }) => mark.length > 0)?.mark ?? NO_MARK;
  }

  /** See {@link Cursors.room}. */
  room(most: number): number {
    return this.#cursors.room(this.#members[0]!, most);
  }

  /** Notes that no line begins at the offset, where another reader stands. */
  cannotStopAt(offset: number): void {
    for (const cursor of this.#members) cursor.unreachable = offset;
  }

  /** Those that nothing happened to while the file was being read. */
  unmoved(): Cursor[] {
    return this.#members.filter(
      (cursor) =>
        this.#cursors.has(cursor) &&
        cursor.reader.active &&
        cursor.offset === this.offset &&
        cursor.decoder.id === this.decoder.id,
    );
  }

  /** Moves those that nothing happened to behind so many bytes, the last of which are `mark`; gives them. */
  pass(bytes: number, mark: Buffer): Cursor[] {
    const passing = this.unmoved();
    for (const cursor of passing) {
      cursor.offset += bytes;
      cursor.known = 0;
      cursor.mark = mark;
    }
    return passing;
  }

  /** The end of the file was reached after wake number `wake`. */
  settle(wake: number): void {
    for (const cursor of this.#members) {
      if (!this.#cursors.has(cursor) || !cursor.reader.active || cursor.decoder.id !== this.decoder.id)
        continue;
      cursor.settledAt = wake;
      cursor.reader.settled(cursor);
    }
  }
}

function wants(cursor: Cursor, wake: number): boolean {
  return !cursor.held && cursor.settledAt < wake && cursor.reader.active;
}
