/**
 * Values as the reference's protocol knows them. Lists are arrays, integers are `number` (or `bigint` beyond
 * 2^53), dictionaries are `Map`s; what JavaScript cannot tell apart has a class of its own.
 */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | PyTuple
  | PyBytes
  | PyError
  | Set<PyValue>
  | PyValue[]
  | Map<PyValue, PyValue>;

/** A Python float; plain `number`s are integers. */
export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A Python tuple; plain arrays are lists. */
export class PyTuple {
  readonly items: readonly PyValue[];
  constructor(...items: PyValue[]) {
    this.items = items;
  }
}

/** A Python bytes object. */
export class PyBytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/**
 * A Python exception as it travels in answers. Thrown by commands too, hence an `Error`.
 *
 * `module` and `className` name the class that Python clients will see (they recognise some by class).
 */
export class PyError extends Error {
  readonly module: string;
  readonly className: string;
  readonly args: readonly PyValue[];
  constructor(module: string, className: string, args: readonly PyValue[]) {
    super(args.map(String).join(" "));
    this.name = className;
    this.module = module;
    this.className = className;
    this.args = args;
  }
}

/** A duration or time stamp that is a float in the reference when it has been computed as one. */
export function pyNumber(value: number, isFloat: boolean): number | PyFloat {
  return isFloat ? new PyFloat(value) : value;
}

/** The numeric value of an integer, float or boolean; `NaN` for everything else. */
export function toNumber(value: PyValue): number {
  if (value instanceof PyFloat) return value.value;
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  return Number.NaN;
}
