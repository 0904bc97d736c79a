import { PyError } from "../pyvalue/value.ts";

/**
 * What those may do who reach the server through a socket: look, also ban and lift bans, or everything. Each includes
 * the ones before it.
 */
export type Role = "read" | "ban" | "admin";

/** All roles, the weakest first. */
export const ROLES: readonly Role[] = ["read", "ban", "admin"];

/** Whether a text names a role. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

/** Whether somebody of this role may do what needs `needed`. */
export function permits(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** What somebody is told who may not send a command. */
export function permissionError(command: string, role: Role, needed: Role): PyError {
  const text = `Permission denied: '${command}' needs the role '${needed}', this socket has the role '${role}'`;
  return new PyError("builtins", "PermissionError", [text]);
}
