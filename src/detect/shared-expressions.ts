import { Expression } from "./expression.ts";
import type { UseDns } from "./tags.ts";

/**
 * Expressions in use, by what they were made of. Jails often have the same filter, and a reload compiles what is
 * in force already; an expression never changes, so all of them can have the same one. It goes when the last of
 * its users does.
 */
const inUse = new Map<string, WeakRef<Expression>>();
const gone = new FinalizationRegistry<string>((key) => {
  if (inUse.get(key)?.deref() === undefined) inUse.delete(key);
});

/**
 * The expression, compiled unless somebody has it already.
 *
 * @throws {RegexError} when the expression is empty or not valid
 */
export function sharedExpression(
  written: string,
  options: { readonly useDns: UseDns; readonly multiline: boolean },
): Expression {
  const key = `${options.useDns} ${options.multiline} ${written}`;
  const known = inUse.get(key)?.deref();
  if (known) return known;
  const expression = new Expression(written, options);
  inUse.set(key, new WeakRef(expression));
  gone.register(expression, key);
  return expression;
}
