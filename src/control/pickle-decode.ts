import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "../pyvalue/value.ts";
import { OP } from "./pickle-opcodes.ts";
import { ByteReader, PickleError } from "./pickle-reader.ts";
import { parseFloatText, parseIntText, parseStringLiteral, parseUnicodeText } from "./pickle-text.ts";

export { PickleError } from "./pickle-reader.ts";

/** How much a pickle may ask for, and what it may contain. */
export interface DecodeOptions {
  /**
   * What to do with objects of classes. `refuse` (default) is for requests: whoever can write to the socket
   * must not gain more than the commands. `errors` is for answers: exceptions become {@link PyError},
   * `builtins.str(x)` becomes the text, anything else is refused too. Nothing is ever executed.
   */
  readonly objects?: "refuse" | "errors";
  /** Deepest nesting of lists, tuples and dictionaries (default 64). */
  readonly maxDepth?: number;
  /**
   * Most values and characters that the decoded tree may have when shared parts are counted at each place
   * where they occur (default 16 million). Without it a few bytes could stand for an endless tree.
   */
  readonly maxWeight?: number;
}

/**
 * Reads one pickle of protocol 0 to 5 that holds only plain values: `None`, booleans, numbers, strings,
 * bytes, lists, tuples, dictionaries and sets. Bytes after the pickle's end are ignored.
 *
 * @throws PickleError with the reason, worded as Python words it where it has words for it
 */
export function decodePickle(bytes: Uint8Array, options: DecodeOptions = {}): PyValue {
  const value = new Unpickler(bytes, options.objects === "errors").run();
  checkShape(value, options.maxDepth ?? 64, options.maxWeight ?? 16_000_000);
  return value;
}

const MARK = Symbol("mark");

/** A class that was named by the pickle, before it is called. */
class ClassName {
  readonly module: string;
  readonly name: string;
  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}

type Slot = PyValue | ClassName | typeof MARK;

class Unpickler {
  readonly #in: ByteReader;
  readonly #allowErrors: boolean;
  readonly #stack: Slot[] = [];
  readonly #memo = new Map<number, Slot>();

  constructor(bytes: Uint8Array, allowErrors: boolean) {
    this.#in = new ByteReader(bytes);
    this.#allowErrors = allowErrors;
  }

  run(): PyValue {
    for (;;) {
      const op = this.#in.opcode();
      if (op === OP.STOP) return this.#popValue();
      // Long answers are lists of short texts, each of which Python notes for a second use.
      if (op === OP.SHORT_BINUNICODE) {
        this.#push(this.#in.utf8(this.#in.uint8()));
        continue;
      }
      if (op === OP.MEMOIZE) {
        this.#put(this.#memo.size);
        continue;
      }
      if (!(this.#scalar(op) || this.#container(op) || this.#bookkeeping(op))) this.#object(op);
    }
  }

  /** Opcodes that push one value of fixed type; false when `op` is none of them. */
  #scalar(op: number): boolean {
    const input = this.#in;
    switch (op) {
      case OP.NONE:
        return this.#push(null);
      case OP.NEWTRUE:
        return this.#push(true);
      case OP.NEWFALSE:
        return this.#push(false);
      case OP.BININT:
        return this.#push(input.int32());
      case OP.BININT1:
        return this.#push(input.uint8());
      case OP.BININT2:
        return this.#push(input.uint16());
      case OP.LONG1:
        return this.#push(readLong(input.bytes(input.uint8())));
      case OP.LONG4:
        return this.#push(readLong(input.bytes(input.int32())));
      case OP.BINFLOAT:
        return this.#push(new PyFloat(input.float64()));
      case OP.INT:
      case OP.LONG:
        return this.#push(parseIntText(input.line(), op === OP.LONG));
      case OP.FLOAT:
        return this.#push(parseFloatText(input.line()));
      case OP.STRING:
        return this.#push(parseStringLiteral(input.line()));
      case OP.UNICODE:
        return this.#push(parseUnicodeText(input.line()));
      case OP.SHORT_BINSTRING:
        return this.#push(input.ascii(input.uint8()));
      case OP.BINSTRING:
        return this.#push(input.ascii(input.int32()));
      case OP.BINUNICODE:
        return this.#push(input.utf8(input.uint32()));
      case OP.BINUNICODE8:
        return this.#push(input.utf8(input.uint64()));
      case OP.SHORT_BINBYTES:
        return this.#push(new PyBytes(input.bytes(input.uint8())));
      case OP.BINBYTES:
        return this.#push(new PyBytes(input.bytes(input.uint32())));
      case OP.BINBYTES8:
      case OP.BYTEARRAY8:
        return this.#push(new PyBytes(input.bytes(input.uint64())));
      default:
        return false;
    }
  }

  /** Opcodes that make or fill lists, tuples, dictionaries and sets. */
  #container(op: number): boolean {
    switch (op) {
      case OP.EMPTY_LIST:
        return this.#push([]);
      case OP.LIST:
        return this.#push(this.#popToMark());
      case OP.APPEND: {
        const item = this.#popValue();
        this.#topList().push(item);
        return true;
      }
      case OP.APPENDS: {
        const items = this.#popToMark();
        const list = this.#topList();
        for (const item of items) list.push(item);
        return true;
      }
      case OP.EMPTY_TUPLE:
        return this.#push(new PyTuple());
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3:
        return this.#push(tupleOf(this.#popMany(op - OP.TUPLE1 + 1)));
      case OP.TUPLE:
        return this.#push(tupleOf(this.#popToMark()));
      case OP.EMPTY_DICT:
        return this.#push(new Map());
      case OP.DICT:
        return this.#push(setItems(new Map(), this.#popToMark()));
      case OP.SETITEM: {
        const pair = this.#popMany(2);
        setItems(this.#topMap(), pair);
        return true;
      }
      case OP.SETITEMS: {
        const pairs = this.#popToMark();
        setItems(this.#topMap(), pairs);
        return true;
      }
      case OP.EMPTY_SET:
        return this.#push(new Set());
      case OP.FROZENSET:
        return this.#push(addItems(new Set(), this.#popToMark()));
      case OP.ADDITEMS: {
        const items = this.#popToMark();
        addItems(this.#topSet(), items);
        return true;
      }
      default:
        return false;
    }
  }

  /** Opcodes that concern the stack, the memo or the framing. */
  #bookkeeping(op: number): boolean {
    const input = this.#in;
    switch (op) {
      case OP.PROTO: {
        const version = input.uint8();
        if (version > 5) throw new PickleError(`unsupported pickle protocol: ${version}`);
        return true;
      }
      case OP.FRAME:
        input.uint64();
        return true;
      case OP.MARK:
        return this.#push(MARK);
      case OP.POP:
        this.#pop();
        return true;
      case OP.POP_MARK:
        this.#popToMark();
        return true;
      case OP.DUP:
        return this.#push(this.#top());
      case OP.PUT:
        return this.#put(memoIndex(input.line()));
      case OP.BINPUT:
        return this.#put(input.uint8());
      case OP.LONG_BINPUT:
        return this.#put(input.uint32());
      case OP.GET:
        return this.#get(memoIndex(input.line()));
      case OP.BINGET:
        return this.#get(input.uint8());
      case OP.LONG_BINGET:
        return this.#get(input.uint32());
      default:
        return false;
    }
  }

  /** Opcodes that name or call classes: refused, or turned into errors and texts without calling anything. */
  #object(op: number): void {
    switch (op) {
      case OP.GLOBAL: {
        const module = this.#in.line().toString("utf8");
        this.#global(module, this.#in.line().toString("utf8"));
        return;
      }
      case OP.STACK_GLOBAL: {
        const [module, name] = this.#popMany(2);
        if (typeof module !== "string" || typeof name !== "string") {
          throw new PickleError("STACK_GLOBAL requires str");
        }
        this.#global(module, name);
        return;
      }
      case OP.REDUCE:
      case OP.NEWOBJ: {
        const args = this.#pop();
        this.#push(instance(this.#pop(), args));
        return;
      }
      case OP.BUILD:
        // The state of an exception (attributes beyond its arguments) carries nothing that is shown.
        if (this.#allowErrors && this.#stack.at(-2) instanceof PyError) {
          this.#pop();
          return;
        }
        throw new PickleError("objects of classes are not allowed");
      case OP.INST:
      case OP.OBJ:
      case OP.NEWOBJ_EX:
      case OP.EXT1:
      case OP.EXT2:
      case OP.EXT4:
      case OP.PERSID:
      case OP.BINPERSID:
      case OP.NEXT_BUFFER:
      case OP.READONLY_BUFFER:
        throw new PickleError("objects of classes are not allowed");
      default:
        throw new PickleError(`invalid load key, '${describeByte(op)}'.`);
    }
  }

  #global(module: string, name: string): void {
    // To a requester this program is a Python without any modules.
    if (!this.#allowErrors) throw new PickleError(`No module named '${module.slice(0, 100)}'`);
    this.#push(new ClassName(module, name));
  }

  #push(value: Slot): true {
    this.#stack.push(value);
    return true;
  }

  #pop(): Slot {
    const value = this.#stack.pop();
    if (value === undefined) throw new PickleError("unpickling stack underflow");
    return value;
  }

  #popValue(): PyValue {
    return plain(this.#pop());
  }

  #popMany(count: number): PyValue[] {
    if (this.#stack.length < count) throw new PickleError("unpickling stack underflow");
    return this.#stack.splice(-count).map(plain);
  }

  #popToMark(): PyValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw new PickleError("could not find MARK");
    const items = this.#stack.splice(at + 1).map(plain);
    this.#stack.pop();
    return items;
  }

  #top(): Slot {
    const value = this.#stack.at(-1);
    if (value === undefined) throw new PickleError("unpickling stack underflow");
    return value;
  }

  #topList(): PyValue[] {
    const top = this.#top();
    if (!Array.isArray(top)) throw new PickleError("items are appended to something that is no list");
    return top;
  }

  #topMap(): Map<PyValue, PyValue> {
    const top = this.#top();
    if (!(top instanceof Map)) throw new PickleError("items are set in something that is no dictionary");
    return top;
  }

  #topSet(): Set<PyValue> {
    const top = this.#top();
    if (!(top instanceof Set)) throw new PickleError("items are added to something that is no set");
    return top;
  }

  #put(index: number): true {
    const value = this.#top();
    if (value === MARK) throw new PickleError("a mark cannot be memoized");
    this.#memo.set(index, value);
    return true;
  }

  #get(index: number): true {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleError(`Memo value not found at index ${index}`);
    return this.#push(value);
  }
}

function plain(slot: Slot): PyValue {
  if (slot === MARK) throw new PickleError("unexpected MARK found");
  if (slot instanceof ClassName) throw new PickleError(`class ${slot.module}.${slot.name} is no plain value`);
  return slot;
}

function instance(of: Slot, args: Slot): PyValue {
  if (!(of instanceof ClassName) || !(args instanceof PyTuple)) {
    throw new PickleError("objects of classes are not allowed");
  }
  if (/^(builtins|__builtin__)$/.test(of.module) && /^(str|unicode)$/.test(of.name)) {
    const text = args.items[0];
    if (typeof text === "string") return text;
  }
  return new PyError(of.module, of.name, args.items);
}

function tupleOf(items: readonly PyValue[]): PyTuple {
  // Not `new PyTuple(...items)`: a call cannot take more than some ten thousand arguments.
  const tuple = new PyTuple();
  const own = tuple.items as PyValue[];
  for (const item of items) own.push(item);
  return tuple;
}

function setItems(map: Map<PyValue, PyValue>, pairs: readonly PyValue[]): Map<PyValue, PyValue> {
  if (pairs.length % 2 !== 0) throw new PickleError("odd number of items for SET ITEMS");
  for (let i = 0; i < pairs.length; i += 2) map.set(hashable(pairs[i] ?? null), pairs[i + 1] ?? null);
  return map;
}

function addItems(set: Set<PyValue>, items: readonly PyValue[]): Set<PyValue> {
  for (const item of items) set.add(hashable(item));
  return set;
}

function hashable(key: PyValue): PyValue {
  if (Array.isArray(key)) throw new PickleError("unhashable type: 'list'");
  if (key instanceof Map) throw new PickleError("unhashable type: 'dict'");
  if (key instanceof Set) throw new PickleError("unhashable type: 'set'");
  return key;
}

function memoIndex(line: Buffer): number {
  const text = line.toString("latin1");
  if (!/^\d{1,9}$/.test(text)) throw new PickleError(`invalid memo index '${text.slice(0, 20)}'`);
  return Number(text);
}

/** Two's complement, least significant byte first. */
function readLong(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  if (bytes.length > 4096) throw new PickleError("integer of more than 4096 bytes");
  const hex = Buffer.from(bytes).reverse().toString("hex");
  const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function describeByte(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}

/**
 * Refuses trees that are too deep (which includes lists that contain themselves) or that expand to too much
 * because parts are shared.
 */
function checkShape(root: PyValue, maxDepth: number, maxWeight: number): void {
  let weight = 0;
  const visit = (value: PyValue, depth: number): void => {
    weight += typeof value === "string" ? 1 + value.length : 1;
    if (value instanceof PyBytes) weight += value.bytes.length;
    if (weight > maxWeight) throw new PickleError("pickle expands to too many values");
    if (value === null || typeof value !== "object") return;
    if (depth > maxDepth) throw new PickleError("pickle is nested too deeply");
    if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    else if (value instanceof PyTuple) for (const item of value.items) visit(item, depth + 1);
    else if (value instanceof PyError) for (const item of value.args) visit(item, depth + 1);
    else if (value instanceof Set) for (const item of value) visit(item, depth + 1);
    else if (value instanceof Map) {
      for (const [key, item] of value) {
        visit(key, depth + 1);
        visit(item, depth + 1);
      }
    }
  };
  visit(root, 0);
}
