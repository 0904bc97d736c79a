import { str } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";

/** Answers that need no form: the commonest questions are answered without loading the others. */
const PLAIN: ReadonlySet<PyValue> = new Set(["version", "server-status", "ban", "unban", "banned"]);

/** The answer as text where that is simple; `null` for all others. */
export function plainText([name]: readonly PyValue[], answer: PyValue): string | null {
  if (name === "ping") return `Server replied: ${str(answer)}`;
  if (name === "unban" && answer instanceof Map) return String(countOf(answer));
  return PLAIN.has(name ?? null) ? str(answer) : null;
}

/** Number of identifiers in a dictionary of lists. */
function countOf(lists: ReadonlyMap<PyValue, PyValue>): number {
  return [...lists.values()].reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
}
