const SUFFICIENT = /^([^\n]*?)\s+2>\/dev\/null\s+&&\s+exit\s+0\s*(?:;|\n|$)/;

/**
 * The command at the begin of a script whose success is the end of the script: `COMMAND 2>/dev/null && exit 0`. What
 * follows only runs when it fails. `null` for any other script.
 */
export function sufficientCommand(script: string): string | null {
  return SUFFICIENT.exec(script.trim())?.[1] ?? null;
}
