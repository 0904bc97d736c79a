import { PyError, PyTuple } from "./value.ts";

/**
 * An arithmetic expression that cannot be read or computed.
 *
 * It travels in answers as the Python exception of the same kind: `className` is `SyntaxError`, `NameError`,
 * `ZeroDivisionError`, … and `message` is what Python's `str()` would print, for example
 * `name 'x' is not defined` or `invalid syntax (<string>, line 1)`.
 */
export class ExpressionError extends PyError {
  private constructor(className: string, text: string, args: PyError["args"]) {
    super("builtins", className, args);
    this.message = text;
  }

  /** An error of evaluation with the given class and text. */
  static of(className: string, text: string): ExpressionError {
    return new ExpressionError(className, text, [text]);
  }

  /** A text that is no expression. */
  static syntax(reason: string, place: SyntaxPlace): ExpressionError {
    const { file, source, line, start, end } = place;
    const details = new PyTuple(file, line, start + 1, source, line, end + 1);
    return new ExpressionError("SyntaxError", `${reason} (${file}, line ${line})`, [reason, details]);
  }
}

/** Where in a text the syntax is wrong. */
export interface SyntaxPlace {
  /** What stands for the file name in the message: `<string>` for values that were typed in. */
  readonly file: string;
  readonly source: string;
  /** 1, or 0 when the text is empty. */
  readonly line: number;
  /** Offsets into `source`; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}
