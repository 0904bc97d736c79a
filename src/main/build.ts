declare const FAIL2BAN_BUILD: string | undefined;

/** Names the build of the package; `undefined` where the programs run from their sources. */
export const BUILD: string | undefined = typeof FAIL2BAN_BUILD === "string" ? FAIL2BAN_BUILD : undefined;
