import { type BinaryOperator, binary, compare, invert, negate, type PyNumber, truth } from "./arithmetic.ts";
import { ExpressionError } from "./expression-error.ts";
import { type Token, tokenize } from "./expression-lexer.ts";

/** What a name in an expression may stand for. */
export type ScopeValue = PyNumber | ScopeFunction | Scope;

/** A function that expressions may call. It may throw an {@link ExpressionError}. */
export type ScopeFunction = (...args: PyNumber[]) => PyNumber;

/** The names that an expression may use; nested scopes make dotted names, as in `math.exp`. */
export interface Scope {
  readonly [name: string]: ScopeValue;
}

/** An expression that has been read and can be evaluated any number of times. */
export interface Expression {
  /**
   * Computes the value.
   *
   * @throws {ExpressionError} for unknown names, divisions by zero and the like
   */
  evaluate(scope?: Scope): PyNumber;
}

/** Longest expression that is read, in UTF-16 code units. */
const LONGEST = 10_000;
/** Deepest nesting of parentheses, calls and unary operators. */
const DEEPEST = 100;

/**
 * Evaluates an arithmetic expression in Python's notation: numbers, names of `scope`, calls of its functions,
 * `+ - * / // % ** << >> & | ^ ~`, comparisons (also chained), `and or not`, `X if C else Y`, parentheses.
 * Nothing else of Python is understood, and no program code is ever run. Integers and floats are kept apart.
 *
 * @example evaluate("2 * 60") // 120
 * @example evaluate("base / 2", { base: 5 }) // PyFloat 2.5
 * @throws {ExpressionError}
 */
export function evaluate(source: string, scope: Scope = {}): PyNumber {
  return parseExpression(source).evaluate(scope);
}

/**
 * Reads an expression once, to evaluate it later.
 *
 * @param file what stands for the file name in error messages
 * @throws {ExpressionError} of class `SyntaxError`
 */
export function parseExpression(source: string, file = "<string>"): Expression {
  if (source.length > LONGEST) {
    throw ExpressionError.of("ValueError", `expression is longer than ${LONGEST} characters`);
  }
  const root = new Parser(source, file).parse();
  return { evaluate: (scope = {}) => number(root(scope), "expression") };
}

/** A part of an expression, compiled to a function of the scope. */
type Node = (scope: Scope) => ScopeValue;

/** Binary operators from the loosest to the tightest; `**` is handled apart since it groups to the right. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "//", "%"],
];

const COMPARISONS: Readonly<Record<string, (left: PyNumber, right: PyNumber) => boolean>> = {
  "<": (left, right) => compare(left, right).less,
  ">": (left, right) => compare(right, left).less,
  "<=": (left, right) => orEqual(compare(left, right)),
  ">=": (left, right) => orEqual(compare(right, left)),
  "==": (left, right) => compare(left, right).equal,
  "!=": (left, right) => !compare(left, right).equal,
};

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from " +
    "global if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** Recursive descent over the tokens, one method for each level of precedence. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #source: string;
  readonly #file: string;
  #at = 0;
  #depth = 0;

  constructor(source: string, file: string) {
    this.#source = source;
    this.#file = file;
    this.#tokens = tokenize(source, file);
  }

  parse(): Node {
    const node = this.#conditional();
    if (this.#token.kind !== "end") throw this.#unexpected();
    return node;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #conditional(): Node {
    if (++this.#depth > DEEPEST) throw this.#unexpected("too many nested parentheses");
    const value = this.#or();
    if (this.#accept("if")) {
      const condition = this.#or();
      this.#expect("else");
      const otherwise = this.#conditional();
      this.#depth--;
      return (scope) => (truth(number(condition(scope))) ? value(scope) : otherwise(scope));
    }
    this.#depth--;
    return value;
  }

  #or(): Node {
    let left = this.#and();
    while (this.#accept("or")) {
      const [first, second] = [left, this.#and()];
      left = (scope) => {
        const value = number(first(scope));
        return truth(value) ? value : second(scope);
      };
    }
    return left;
  }

  #and(): Node {
    let left = this.#not();
    while (this.#accept("and")) {
      const [first, second] = [left, this.#not()];
      left = (scope) => {
        const value = number(first(scope));
        return truth(value) ? second(scope) : value;
      };
    }
    return left;
  }

  #not(): Node {
    let negations = 0;
    while (this.#accept("not")) negations++;
    const operand = this.#comparison();
    if (negations === 0) return operand;
    return (scope) => truth(number(operand(scope))) === (negations % 2 === 0);
  }

  #comparison(): Node {
    const operands = [this.#binary(0)];
    const tests: ((left: PyNumber, right: PyNumber) => boolean)[] = [];
    for (;;) {
      const test = this.#token.kind === "operator" ? COMPARISONS[this.#token.text] : undefined;
      if (!test) break;
      this.#at++;
      tests.push(test);
      operands.push(this.#binary(0));
    }
    if (tests.length === 0) return operands[0]!;
    return (scope) => holdsChain(operands, tests, scope);
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((text) => this.#isOperator(text));
      if (!operator) return left;
      this.#at++;
      const [first, second] = [left, this.#binary(level + 1)];
      left = (scope) => binary(operator, number(first(scope), operator), number(second(scope), operator));
    }
  }

  #unary(): Node {
    if (++this.#depth > DEEPEST) throw this.#unexpected("too many nested parentheses");
    const node = this.#signed();
    this.#depth--;
    return node;
  }

  #signed(): Node {
    if (this.#accept("-")) return apply(negate, this.#unary());
    if (this.#accept("~")) return apply(invert, this.#unary());
    if (this.#accept("+"))
      return apply((value) => (typeof value === "boolean" ? Number(value) : value), this.#unary());
    const base = this.#postfix();
    if (!this.#accept("**")) return base;
    const exponent = this.#unary();
    return (scope) => binary("**", number(base(scope), "**"), number(exponent(scope), "**"));
  }

  #postfix(): Node {
    let node = this.#atom();
    for (;;) {
      if (this.#accept(".")) node = this.#attribute(node);
      else if (this.#accept("(")) node = this.#call(node);
      else return node;
    }
  }

  #attribute(object: Node): Node {
    const name = this.#token;
    if (name.kind !== "name" || KEYWORDS.has(name.text)) throw this.#unexpected();
    this.#at++;
    return (scope) => {
      const owner = object(scope);
      if (isScope(owner) && Object.hasOwn(owner, name.text)) return owner[name.text]!;
      throw ExpressionError.of("AttributeError", `no attribute '${name.text}'`);
    };
  }

  #call(callee: Node): Node {
    const args: Node[] = [];
    while (!this.#accept(")")) {
      args.push(this.#conditional());
      if (!this.#accept(",") && !this.#isOperator(")")) throw this.#unexpected();
    }
    return (scope) => {
      const target = callee(scope);
      if (typeof target !== "function") throw ExpressionError.of("TypeError", "object is not callable");
      return target(...args.map((arg) => number(arg(scope), "argument")));
    };
  }

  #atom(): Node {
    const token = this.#token;
    if (token.kind === "number") {
      this.#at++;
      return () => token.value;
    }
    if (this.#accept("(")) {
      const node = this.#conditional();
      this.#expect(")");
      return node;
    }
    if (token.kind !== "name") throw this.#unexpected();
    if (token.text === "True" || token.text === "False") {
      this.#at++;
      return () => token.text === "True";
    }
    if (KEYWORDS.has(token.text)) throw this.#unexpected();
    this.#at++;
    return (scope) => lookUp(scope, token.text);
  }

  #isOperator(text: string): boolean {
    return this.#token.text === text && this.#token.kind !== "number";
  }

  #accept(text: string): boolean {
    if (!this.#isOperator(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected();
  }

  #unexpected(reason = "invalid syntax"): ExpressionError {
    const { start, end } = this.#token;
    const line = this.#tokens.length === 1 ? 0 : 1;
    return ExpressionError.syntax(reason, { file: this.#file, source: this.#source, line, start, end });
  }
}

function apply(operation: (value: PyNumber) => PyNumber, operand: Node): Node {
  return (scope) => operation(number(operand(scope), "operand"));
}

function orEqual({ less, equal }: { less: boolean; equal: boolean }): boolean {
  return less || equal;
}

/** `a < b < c` is `a < b and b < c` with every operand evaluated at most once. */
function holdsChain(
  operands: readonly Node[],
  tests: readonly ((left: PyNumber, right: PyNumber) => boolean)[],
  scope: Scope,
): boolean {
  let left = number(operands[0]!(scope), "comparison");
  for (const [i, test] of tests.entries()) {
    const right = number(operands[i + 1]!(scope), "comparison");
    if (!test(left, right)) return false;
    left = right;
  }
  return true;
}

function lookUp(scope: Scope, name: string): ScopeValue {
  if (Object.hasOwn(scope, name)) return scope[name]!;
  throw ExpressionError.of("NameError", `name '${name}' is not defined`);
}

function isScope(value: ScopeValue): value is Scope {
  return typeof value === "object" && value.constructor === Object;
}

function number(value: ScopeValue, where = "condition"): PyNumber {
  if (typeof value !== "function" && !isScope(value)) return value;
  const type = typeof value === "function" ? "function" : "module";
  throw ExpressionError.of("TypeError", `a number is needed in ${where}, not a ${type}`);
}
