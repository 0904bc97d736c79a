import type { Logger } from "../log/logger.ts";
import type { PyValue } from "../pyvalue/value.ts";
import { type ConfigPosition, describeFault } from "./config-error.ts";
import { DEFAULT_SECTION } from "./ini.ts";
import type { MergedConfig } from "./merged.ts";

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

const PREFIX = "socketrole.";

/** Whether an option of `fail2ban.conf` is one of `socketrole.GROUP`. */
export function isRoleOption(option: string): boolean {
  return option.startsWith(PREFIX) && option.length > PREFIX.length;
}

/** A group and its role as the configuration has it. */
export interface GroupRole {
  readonly group: string;
  readonly role: string;
  readonly position: ConfigPosition;
}

/**
 * The options `socketrole.GROUP = ROLE` of `fail2ban.conf`, whatever stands for the role.
 *
 * @throws {ConfigError} references that cannot be resolved
 */
export function groupRoles(config: MergedConfig): GroupRole[] {
  const section = "Definition";
  const names = [DEFAULT_SECTION, section].flatMap((one) => [...(config.own(one)?.keys() ?? [])]);
  return [...new Set(names)].filter(isRoleOption).map((option) => {
    const value = String(config.get(section, option) ?? "");
    const { file, line } = config.raw(section, option) ?? {};
    const position = { section, option, value, file, line, expected: `one of ${ROLES.join(", ")}` };
    return { group: option.slice(PREFIX.length), role: value.toLowerCase(), position };
  });
}

/**
 * The commands about who may use the sockets, for servers that know them. They are sent in any case: a reload shall
 * take away what is configured no more.
 *
 * @param log hears of roles that are none, which are left out
 * @throws {ConfigError} references that cannot be resolved
 */
export function socketCommands(config: MergedConfig, log: Logger): PyValue[][] {
  const roles: string[] = [];
  for (const { group, role, position } of groupRoles(config)) {
    if (isRole(role)) roles.push(`${group}=${role}`);
    else log.error(`The group '${group}' gets no socket: '${role}' is no role (${describeFault(position)})`);
  }
  return [
    ["set", "socketgroup", String(config.get("Definition", "socketgroup") ?? "")],
    ["set", "socketroles", roles.join(",")],
  ];
}
