const TOLERANT = /^([^|]+?)\s*\|\|\s*!\s*([^|]+?)\s*>\s*\/dev\/null\s+2>&1$/;

/**
 * Understands `nft delete element … || ! nft get element … >/dev/null 2>&1`, which takes an element away and is content
 * when it is gone already. `null` for any other script.
 *
 * @returns the first command
 */
export function tolerantDelete(script: string): string | null {
  const [, command = "", check] = TOLERANT.exec(script.trim()) ?? [];
  return check !== undefined && command.replace(" delete element ", " get element ") === check
    ? command
    : null;
}
