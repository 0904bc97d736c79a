/**
 * Version that clients see. It names the version of fail2ban whose behaviour is offered: tools compare it and
 * must find 1.1.2 or newer. The version of this program itself stands in package.json.
 */
export const FAIL2BAN_VERSION = "1.1.2.1";
