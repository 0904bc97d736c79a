import { ROLES, type Role } from "../config/socket-roles.ts";
import { PyError } from "../pyvalue/value.ts";

export type { Role } from "../config/socket-roles.ts";
export { isRole, ROLES } from "../config/socket-roles.ts";

/** Whether somebody of this role may do what needs `needed`. */
export function permits(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** What somebody is told who may not send a command. */
export function permissionError(command: string, role: Role, needed: Role): PyError {
  const text = `Permission denied: '${command}' needs the role '${needed}', this socket has the role '${role}'`;
  return new PyError("builtins", "PermissionError", [text]);
}
