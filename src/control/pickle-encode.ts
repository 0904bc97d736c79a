import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { TERMINATOR_TEXT } from "./frame.ts";
import { OP } from "./pickle-opcodes.ts";
import { formatUnicodeText } from "./pickle-text.ts";
import { PickleWriter } from "./pickle-writer.ts";
import { encodeUtf8 } from "./python-utf8.ts";

/** Most items that one APPENDS, SETITEMS or ADDITEMS takes. */
const BATCH = 1000;

/**
 * Writes a value as a pickle of protocol 5, byte for byte as Python's own pickler would: framed, with a memo,
 * exceptions as a call of their class. Equal strings count as the same string.
 *
 * Strings that contain the frame terminator are written in escaped form, so that no answer can be cut short by
 * a log line it carries; readers get the exact text.
 *
 * @throws RangeError for numbers that are no integers (floats are {@link PyFloat}) and for endless nesting
 */
export function encodePickle(value: PyValue): Buffer {
  const pickler = new Pickler();
  pickler.save(value);
  return pickler.finish();
}

class Pickler {
  readonly #out = new PickleWriter();
  /** Where a value (by identity, strings by text) stands in the reader's memo. */
  readonly #memo = new Map<PyValue, number>();
  /** The same for classes, by module and name. */
  readonly #classes = new Map<string, number>();
  #memoSize = 0;

  finish(): Buffer {
    this.#out.op(OP.STOP);
    return this.#out.finish();
  }

  save(value: PyValue): void {
    this.#out.boundary();
    if (value === null) this.#out.op(OP.NONE);
    else if (typeof value === "boolean") this.#out.op(value ? OP.NEWTRUE : OP.NEWFALSE);
    else if (typeof value === "number" || typeof value === "bigint") this.#saveInt(value);
    else if (value instanceof PyFloat) this.#out.float64(OP.BINFLOAT, value.value);
    else if (value instanceof PyTuple && value.items.length === 0) this.#out.op(OP.EMPTY_TUPLE);
    else if (!this.#fetch(this.#memo.get(value))) this.#saveNew(value);
  }

  #saveNew(value: Exclude<PyValue, null | boolean | number | bigint | PyFloat>): void {
    if (typeof value === "string") this.#saveString(value);
    else if (value instanceof PyBytes) this.#saveBytes(value);
    else if (value instanceof PyTuple) this.#saveTuple(value);
    else if (value instanceof PyError) this.#saveError(value);
    else if (Array.isArray(value)) this.#saveList(value);
    else if (value instanceof Set) this.#saveSet(value);
    else this.#saveMap(value);
  }

  #saveInt(value: number | bigint): void {
    const out = this.#out;
    if (value >= 0 && value < 0x100) out.uint8(OP.BININT1, Number(value));
    else if (value >= 0 && value < 0x10000) out.uint16(OP.BININT2, Number(value));
    else if (value >= -0x80000000 && value <= 0x7fffffff) out.int32(OP.BININT, Number(value));
    else {
      const digits = twosComplement(BigInt(value));
      if (digits.length < 0x100) out.uint8(OP.LONG1, digits.length);
      else out.uint32(OP.LONG4, digits.length);
      out.bytes(digits);
    }
  }

  #saveString(text: string): void {
    if (text.includes(TERMINATOR_TEXT)) {
      this.#out.op(OP.UNICODE);
      this.#out.bytes(Buffer.from(`${formatUnicodeText(text)}\n`, "latin1"));
    } else {
      this.#out.sized(encodeUtf8(text), OP.SHORT_BINUNICODE, OP.BINUNICODE, OP.BINUNICODE8);
    }
    this.#memoize(text);
  }

  #saveBytes(value: PyBytes): void {
    this.#out.sized(Buffer.from(value.bytes), OP.SHORT_BINBYTES, OP.BINBYTES, OP.BINBYTES8);
    this.#memoize(value);
  }

  #saveTuple(tuple: PyTuple): void {
    const { items } = tuple;
    if (items.length > 3) this.#out.op(OP.MARK);
    for (const item of items) this.save(item);
    this.#out.op(items.length > 3 ? OP.TUPLE : OP.TUPLE1 + items.length - 1);
    this.#memoize(tuple);
  }

  #saveError(error: PyError): void {
    const key = JSON.stringify([error.module, error.className]);
    if (!this.#fetch(this.#classes.get(key))) {
      this.save(error.module);
      this.save(error.className);
      this.#out.op(OP.STACK_GLOBAL);
      this.#out.op(OP.MEMOIZE);
      this.#classes.set(key, this.#memoSize++);
    }
    this.save(new PyTuple(...error.args));
    this.#out.op(OP.REDUCE);
    this.#memoize(error);
  }

  #saveList(list: PyValue[]): void {
    this.#out.op(OP.EMPTY_LIST);
    this.#memoize(list);
    this.#batches(list, OP.APPEND, OP.APPENDS, (items) => {
      if (items.length >= RUN && areShortTexts(items)) this.#saveShortTexts(items);
      else for (const item of items) this.save(item);
    });
  }

  /** As if each was saved by itself, in a fraction of the time: lists of bans are long. */
  #saveShortTexts(texts: readonly string[]): void {
    const out = this.#out;
    let run = "";
    for (const text of texts) {
      if (out.endsFrame(run.length)) {
        out.latin1(run);
        out.boundary();
        run = "";
      }
      const known = this.#memo.get(text);
      if (known === undefined) {
        this.#memo.set(text, this.#memoSize++);
        run += `${SHORT_BINUNICODE}${CHARACTERS[text.length]}${text}${MEMOIZE}`;
      } else {
        out.latin1(run);
        run = "";
        this.#fetch(known);
      }
    }
    out.latin1(run);
  }

  #saveMap(map: Map<PyValue, PyValue>): void {
    this.#out.op(OP.EMPTY_DICT);
    this.#memoize(map);
    this.#batches([...map], OP.SETITEM, OP.SETITEMS, (entries) => {
      for (const [key, value] of entries) {
        this.save(key);
        this.save(value);
      }
    });
  }

  #saveSet(set: Set<PyValue>): void {
    this.#out.op(OP.EMPTY_SET);
    this.#memoize(set);
    this.#batches([...set], null, OP.ADDITEMS, (items) => {
      for (const item of items) this.save(item);
    });
  }

  #batches<T>(
    items: readonly T[],
    single: number | null,
    many: number,
    save: (items: readonly T[]) => void,
  ): void {
    for (let start = 0; start < items.length; start += BATCH) {
      const batch = items.slice(start, start + BATCH);
      const alone = batch.length === 1 && single !== null;
      if (!alone) this.#out.op(OP.MARK);
      save(batch);
      this.#out.op(alone ? single : many);
    }
  }

  #memoize(value: PyValue): void {
    this.#memo.set(value, this.#memoSize++);
    this.#out.op(OP.MEMOIZE);
  }

  #fetch(index: number | undefined): boolean {
    if (index === undefined) return false;
    if (index < 0x100) this.#out.uint8(OP.BINGET, index);
    else this.#out.uint32(OP.LONG_BINGET, index);
    return true;
  }
}

/** Fewer items than these are not worth a second look. */
const RUN = 8;
const NOT_ASCII = /[^\0-\x7f]/;
const CHARACTERS = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code));
const SHORT_BINUNICODE = CHARACTERS[OP.SHORT_BINUNICODE]!;
const MEMOIZE = CHARACTERS[OP.MEMOIZE]!;

/** Whether all items are texts of less than 256 ASCII characters without the terminator. */
function areShortTexts(items: readonly PyValue[]): items is readonly string[] {
  for (const item of items) if (typeof item !== "string" || item.length > 0xff) return false;
  const all = items.join("\n");
  return !NOT_ASCII.test(all) && !all.includes(TERMINATOR_TEXT);
}

/** The fewest bytes that keep the sign, least significant byte first. */
function twosComplement(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const hex = BigInt.asUintN(length * 8, value).toString(16);
  return Buffer.from(hex.padStart(length * 2, "0"), "hex").reverse();
}
