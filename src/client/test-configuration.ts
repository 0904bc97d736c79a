import { describeFinding, type Finding } from "../check/finding.ts";
import type { LogHub } from "../log/logger.ts";

/** Shows what a check found on standard error, each finding a line of the logger `fail2ban.configcheck`. */
export function logFindings(hub: LogHub, findings: readonly Finding[]): void {
  const log = hub.logger("configcheck");
  for (const finding of findings) {
    const text = describeFinding(finding);
    if (finding.severity === "error") log.error(text);
    else log.warning(text);
  }
}

/**
 * The outcome of `-t --json`: `{"ok": …, "findings": [{"severity", "message", "file", "line", "section", "option",
 * "value", "expected"}]}`; what is not known of a position is left out.
 */
export function findingsAsJson(ok: boolean, findings: readonly Finding[]): string {
  const flat = findings.map(({ severity, message, position }) => ({ severity, message, ...position }));
  return `${JSON.stringify({ ok, findings: flat }, null, 2)}\n`;
}
