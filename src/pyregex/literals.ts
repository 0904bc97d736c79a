import type { Node } from "./ast.ts";
/** stub */
export function requiredLiterals(_root: Node): readonly string[] | null {
  return null;
}
