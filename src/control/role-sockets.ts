import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRole, ROLES, type Role } from "../config/socket-roles.ts";

/** A socket for the members of a group beside the server's own, which is for its owner. */
export interface RoleSocket {
  readonly path: string;
  readonly role: Role;
  readonly group: string;
}

/** Where the socket for a group is: `/run/fail2ban/fail2ban.sock.read.dashboards`. */
export function roleSocketPath(main: string, role: Role, group: string): string {
  return `${main}.${role}.${group}`;
}

/** The sockets for groups that stand beside the main one, those that permit most first. */
export function findRoleSockets(main: string): RoleSocket[] {
  const prefix = `${basename(main)}.`;
  let names: string[];
  try {
    names = readdirSync(dirname(main));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(prefix))
    .flatMap((name): RoleSocket[] => {
      const [role = "", ...group] = name.slice(prefix.length).split(".");
      if (!isRole(role) || group.length === 0) return [];
      return [{ path: join(dirname(main), name), role, group: group.join(".") }];
    })
    .sort((a, b) => ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || (a.group < b.group ? -1 : 1));
}
