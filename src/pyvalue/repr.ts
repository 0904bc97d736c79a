import { PyBytes, PyError, PyFloat, PyTuple, type PyValue } from "./value.ts";

/** The value in Python's literal notation, as `repr()` prints it. */
export function repr(value: PyValue): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return reprString(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof PyFloat) return formatFloat(value.value);
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof PyTuple) return reprTuple(value.items);
  if (value instanceof PyBytes) return reprBytes(value.bytes);
  if (value instanceof PyError) return `${value.className}${reprTuple(value.args).replace(/,\)$/, ")")}`;
  if (value instanceof Set) return value.size === 0 ? "set()" : `{${[...value].map(repr).join(", ")}}`;
  return `{${[...value].map(([k, v]) => `${repr(k)}: ${repr(v)}`).join(", ")}}`;
}

/** The value as Python's `str()` prints it: strings bare, everything else as {@link repr}. */
export function str(value: PyValue): string {
  if (typeof value === "string") return value;
  if (value instanceof PyError) return strError(value);
  return repr(value);
}

/** A float as Python prints it: `3600.0`, `1e+16`, `0.1`, `inf`. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A string as a Python literal. */
export function reprString(text: string): string {
  const single = text.includes("'");
  const double = text.includes('"');
  const quote = single && !double ? '"' : "'";
  if (!UNUSUAL.test(text)) {
    // Without quotes JSON has the same escapes, and the engine's own function is the fastest.
    return single || double
      ? quote + escapeUsual(text, quote) + quote
      : `'${JSON.stringify(text).slice(1, -1)}'`;
  }
  let out = quote;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === quote || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\r") out += "\\r";
    else if (char === "\t") out += "\\t";
    else if (code < 0x20 || code === 0x7f) out += hexEscape(code);
    else if (code < 0x7f) out += char;
    else out += isPrintable(char) ? char : hexEscape(code);
  }
  return out + quote;
}

/** Anything but printable ASCII and newlines: such texts go character by character. */
const UNUSUAL = /[^\x20-\x7e\n]/;

function escapeUsual(text: string, quote: string): string {
  // A look costs less than a replacement that finds nothing.
  let escaped = text.includes("\\") ? text.replaceAll("\\", "\\\\") : text;
  if (text.includes("\n")) escaped = escaped.replaceAll("\n", "\\n");
  return quote === "'" && text.includes("'") ? escaped.replaceAll("'", "\\'") : escaped;
}

const NOT_PRINTABLE = /^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]$/u;

function isPrintable(char: string): boolean {
  // Letters of European languages are common, and the expression below takes long to compile.
  if ((char >= "\u00c0" && char <= "\u024f") || (char >= "\u0400" && char <= "\u0481")) return true;
  return !NOT_PRINTABLE.test(char);
}

function hexEscape(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${hex.padStart(4, "0")}`;
  return `\\U${hex.padStart(8, "0")}`;
}

function reprTuple(items: readonly PyValue[]): string {
  return items.length === 1 ? `(${repr(items[0] ?? null)},)` : `(${items.map(repr).join(", ")})`;
}

/** Raw bytes as a Python bytes literal: `b'...'`. */
export function reprBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = `b${quote}`;
  for (const char of text) {
    const code = char.charCodeAt(0);
    if (char === quote || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\r") out += "\\r";
    else if (char === "\t") out += "\\t";
    else out += code < 0x20 || code >= 0x7f ? hexEscape(code) : char;
  }
  return out + quote;
}

function strError(error: PyError): string {
  const [first] = error.args;
  if (error.args.length === 0) return "";
  if (error.args.length === 1 && first !== undefined) {
    return error.className === "KeyError" ? repr(first) : str(first);
  }
  if (/^(FileNotFound|Permission|IsADirectory|OS)Error$/.test(error.className)) {
    const file = error.args[2] === undefined ? "" : `: ${repr(error.args[2])}`;
    return `[Errno ${str(error.args[0] ?? null)}] ${str(error.args[1] ?? null)}${file}`;
  }
  return repr(new PyTuple(...error.args));
}
