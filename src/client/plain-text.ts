import { str } from "../pyvalue/repr.ts";
import type { PyValue } from "../pyvalue/value.ts";

/** Answers that need no form: the commonest questions are answered without loading the others. */
const PLAIN: ReadonlySet<PyValue> = new Set(["version", "server-status", "ban", "unban", "banned"]);

/** The answer as text where that is simple; `null` for all others. */
export function plainText([name]: readonly PyValue[], answer: PyValue): string | null {
  if (name === "ping") return `Server replied: ${str(answer)}`;
  return PLAIN.has(name ?? null) ? str(answer) : null;
}
