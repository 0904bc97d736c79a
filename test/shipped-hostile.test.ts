import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { shippedFilter, subjectText } from "./shipped-tree.ts";

process.env["TZ"] = "Europe/Zurich";

/**
 * What a client can make a service write into its log, by the name of the slot in the lines below.
 *
 * - `name`: a user name where the service itself ends it at the first colon (OpenSSH, basic authentication)
 * - `plain`: characters that Dovecot allows in user names by default
 * - `uri`, `host`: as nginx accepts them, without blanks, a host without slash
 * - `escaped`: nginx' access log writes a quote as `\x22`
 * - `any`: anything but a line end
 */
type Slot = "name" | "plain" | "uri" | "host" | "escaped" | "any";

const LIMITS: Readonly<Record<Slot, (text: string) => string>> = {
  name: (text) => text.replaceAll(":", ""),
  plain: (text) => text.replace(/[^\w.@-]/g, ""),
  uri: (text) => text.replace(/\s/g, ""),
  host: (text) => text.replace(/[\s/]/g, ""),
  escaped: (text) => text.replaceAll('"', "\\x22"),
  any: (text) => text,
};

/** The client itself. All lines with this address are true, whatever else they say. */
const CLIENT = "192.0.2.77";
/** Whom the client would like to see banned. */
const VICTIM = "198.51.100.66";
const VICTIM6 = "2001:db8:66::66";

interface Service {
  readonly filter: string;
  readonly options: readonly Readonly<Record<string, string>>[];
  readonly prefix: string;
  readonly lines: readonly string[];
  /** Pieces of its messages, for building names that look like messages. */
  readonly pieces: readonly string[];
}

const SERVICES: readonly Service[] = [
  {
    filter: "sshd",
    options: [{ mode: "aggressive" }, { mode: "normal", publickey: "any" }, { mode: "ddos" }],
    prefix: "Nov 21 03:12:44 gate sshd[4711]: ",
    lines: [
      "Failed password for invalid user {name} from CLIENT port 50222 ssh2",
      "Failed none for invalid user {name} from CLIENT port 50222 ssh2",
      "Failed publickey for invalid user {name} from CLIENT port 50222 ssh2: RSA-CERT SHA256:abc ID {any} (serial 0) CA RSA SHA256:def",
      'Failed hostbased for {name} from CLIENT port 50222 ssh2: RSA SHA256:abc, client user "{any}", client host "{any}"',
      "Postponed keyboard-interactive for invalid user {name} from CLIENT port 50222 ssh2 [preauth]",
      "Invalid user {name} from CLIENT port 50222",
      "error: PAM: Authentication failure for illegal user {name} from CLIENT",
      "error: PAM: Authentication failure for {name} from CLIENT via 192.0.2.77",
      "error: maximum authentication attempts exceeded for invalid user {name} from CLIENT port 50222 ssh2 [preauth]",
      "Disconnecting: Too many authentication failures for {name} [preauth]",
      "Disconnecting invalid user {name} CLIENT port 50222: Too many authentication failures [preauth]",
      "Disconnecting invalid user {name} CLIENT port 50222: Change of username or service not allowed: ({name},{any}) -> ({name},{any}) [preauth]",
      "Connection closed by invalid user {name} CLIENT port 50222 [preauth]",
      "Connection reset by authenticating user {name} CLIENT port 50222 [preauth]",
      "Disconnected from invalid user {name} CLIENT port 50222 [preauth]",
      "Received disconnect from CLIENT port 50222:11: {any} [preauth]",
      "error: Received disconnect from CLIENT port 50222:3: {any} [preauth]",
      "Bad protocol version identification '{any}' from CLIENT port 50222",
      'error: kex_exchange_identification: client sent invalid protocol identifier "{any}"',
      "Unable to negotiate with CLIENT port 50222: no matching cipher found. Their offer: {any} [preauth]",
      "ssh_dispatch_run_fatal: Connection from invalid user {name} CLIENT port 50222: Connection corrupted [preauth]",
      "userauth_pubkey: signature algorithm {any} not in PubkeyAcceptedAlgorithms [preauth]",
      "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=CLIENT  user={name}",
      "SSH: Server;Ltype: Authname;Remote: CLIENT-1780;Name: {any} [preauth]",
      "input_userauth_request: invalid user {name} [preauth]",
    ],
    pieces: [
      "from ",
      " port 22",
      " ssh2",
      " [preauth]",
      "invalid user ",
      "user ",
      ": ",
      "Failed password for ",
      "Connection closed by ",
      "Change of username or service not allowed: ",
      " via ",
      "rhost=",
      "Too many authentication failures",
      "sshd[1]: ",
      "' from ",
    ],
  },
  {
    filter: "nginx-http-auth",
    options: [{ mode: "aggressive" }],
    prefix: "2025/11/21 03:12:44 [error] 77#77: *17 ",
    lines: [
      'user "{name}": password mismatch, client: CLIENT, server: s, request: "GET /{uri} HTTP/1.1", host: "{host}", referrer: "{any}"',
      'user "{name}" was not found in "/etc/nginx/users", client: CLIENT, server: s, request: "GET /{uri} HTTP/1.1", host: "{host}"',
      `PAM: user '{name}' - not authenticated: Authentication failure, client: CLIENT, server: s, request: "GET /{uri} HTTP/1.1", host: "{host}", referrer: "{any}"`,
      'open() "/srv/{any}" failed (2: No such file or directory), client: CLIENT, server: s, request: "GET /{uri} HTTP/1.1", host: "{host}", referrer: "{any}"',
    ],
    pieces: [
      'user "',
      '"',
      '": password mismatch',
      '" was not found in "f"',
      ", client: ",
      ", server: s",
      ', request: "GET / HTTP/1.1"',
      ', host: "h"',
      "PAM: user '",
      "' - not authenticated: Authentication failure",
      ', referrer: "',
      "SSL_read() failed (SSL: x) while y",
    ],
  },
  {
    filter: "nginx-botsearch",
    options: [{}],
    prefix: "",
    lines: [
      '2025/11/21 03:12:44 [error] 77#77: *17 open() "/srv/{any}" failed (2: No such file or directory), client: CLIENT, server: s, request: "GET /cgi-bin/{uri} HTTP/1.1", host: "{host}", referrer: "{any}"',
      '2025/11/21 03:12:44 [error] 77#77: *17 "/srv/{any}" is not found (2: No such file or directory), client: CLIENT, server: s, request: "GET /{uri} HTTP/1.1", host: "{host}"',
      'CLIENT - {escaped} [21/Nov/2025:03:12:44 +0100] "GET /cgi-bin/{escaped} HTTP/1.1" 404 153 "{escaped}" "{escaped}"',
      'CLIENT - - [21/Nov/2025:03:12:44 +0100] "{escaped}" 400 153 "-" "{escaped}"',
    ],
    pieces: [
      'open() "/srv/cgi-bin/',
      '" failed (2: No such file or directory)',
      '" is not found (2: No such file or directory)',
      ", client: ",
      ", server: s",
      ', request: "GET /cgi-bin/a HTTP/1.1"',
      ', host: "h"',
      ', referrer: "',
      '"',
      " - - [] ",
      '"GET /cgi-bin/ HTTP/1.1" 404 1',
      "[21/Nov/2025:03:12:44 +0100]",
    ],
  },
  {
    filter: "postfix",
    options: [{ mode: "aggressive" }, { mode: "normal" }, { mode: "rbl" }],
    prefix: "Nov 21 03:12:44 mx postfix/smtpd[77]: ",
    lines: [
      "NOQUEUE: reject: RCPT from unknown[CLIENT]: 554 5.7.1 <{any}>: Relay access denied; from=<{any}> to=<{any}> proto=ESMTP helo=<{any}>",
      "NOQUEUE: reject: RCPT from unknown[CLIENT]: 450 4.2.0 <{any}>: Recipient address rejected: Greylisted; from=<{any}> to=<{any}> proto=ESMTP helo=<{any}>",
      "NOQUEUE: reject: VRFY from unknown[CLIENT]: 550 5.1.1 <{any}>: Recipient address rejected: User unknown in local recipient table; proto=SMTP helo=<{any}>",
      "warning: unknown[CLIENT]: SASL LOGIN authentication failed: {any}, sasl_username={any}",
      "warning: non-SMTP command from unknown[CLIENT]: {any}",
      "improper command pipelining after EHLO from unknown[CLIENT]: {any}",
      "PREGREET 14 after 0.08 from [CLIENT]:5941: {any}",
      "4X1abcDEF2z: client=unknown[CLIENT], sasl_method=PLAIN, sasl_username={any}",
      "warning: hostname {plain} does not resolve to address CLIENT: Name or service not known",
    ],
    pieces: [
      "NOQUEUE: reject: RCPT from ",
      "unknown[",
      "]: 554 5.7.1 ",
      ": Relay access denied;",
      "warning: ",
      "]: SASL LOGIN authentication failed: ",
      "lost connection after EHLO from ",
      "too many errors after AUTH from ",
      "] ",
      "[",
      "postfix/smtpd[1]: ",
      ", sasl_username=",
    ],
  },
  {
    filter: "dovecot",
    options: [{ mode: "aggressive" }],
    prefix: "Nov 21 03:12:44 mail dovecot: ",
    lines: [
      "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<{any}>, method=PLAIN, rip=CLIENT, lip=192.0.2.77, TLS, session=<abc>",
      "imap-login: Login aborted: Logged out (auth failed, 1 attempts in 2 secs) (auth_failed): user=<{any}>, method=PLAIN, rip=CLIENT, lip=192.0.2.77, session=<abc>",
      "imap-login: Disconnected (no auth attempts in 2 secs): user=<{any}>, rip=CLIENT, lip=192.0.2.77",
      "auth: sql({plain},CLIENT,<abc>): Password mismatch (given password: {any})",
      "auth: sql({any},CLIENT,<abc>): unknown user",
      "auth: passwd-file({any},CLIENT): Password mismatch",
      "auth-worker(5): pam({any},CLIENT,<abc>): pam_authenticate() failed: Authentication failure (Password mismatch?)",
      "auth({any},CLIENT,sasl:plain)<abc>: sql: unknown user",
      "auth: Info: login(?,CLIENT): Username character disallowed by auth_username_chars: 0x20 (username: {any})",
      "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser={any} rhost=CLIENT  user={any}",
    ],
    pieces: [
      "user=<",
      ">, method=PLAIN",
      ", rip=",
      ", lip=192.0.2.77",
      ", session=<x>",
      " (auth failed, 1 attempts in 2 secs):",
      "imap-login: Disconnected",
      "auth: sql(a,",
      ",<abc>",
      "): unknown user",
      "): Password mismatch",
      " (given password: ",
      ")",
      " rhost=",
      "  user=",
      ",",
      "(",
    ],
  },
  {
    filter: "recidive",
    options: [{}],
    prefix: "2025-11-21 03:12:44,123 ",
    lines: [
      "fail2ban.filter         [815]: WARNING [sshd] {any}",
      "fail2ban.actions        [815]: ERROR   Failed to execute ban jail 'sshd' action 'x' info '{any}'",
      "fail2ban.utils          [815]: ERROR   7f -- stderr: '{any}'",
      "fail2ban.actions        [815]: NOTICE  [users] Ban x{any}",
    ],
    pieces: [
      "fail2ban.actions [815]: NOTICE  ",
      "[sshd] ",
      `fail2ban.actions        [815]: NOTICE  [sshd] Ban ${VICTIM}`,
      "Ban ",
      "\\n",
      "2025-11-21 03:12:44,123 ",
      "] ",
    ],
  },
];

/**
 * Text of a client that wants to see somebody else banned: parts of true lines, cut where a client's text begins
 * or ends, with the victim's address in them, and loose pieces.
 */
function hostileText(service: Service): fc.Arbitrary<string> {
  const seams = service.lines.flatMap(slicesOf);
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...seams) },
    { weight: 2, arbitrary: fc.constantFrom(...service.pieces) },
    { weight: 1, arbitrary: fc.constantFrom(VICTIM, `[${VICTIM}]`, VICTIM6, `::ffff:${VICTIM}`) },
    { weight: 1, arbitrary: fc.constantFrom(" ", "x", "  ", "\t", "é", "\u2028", "%s") },
  );
  return fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(""));
}

/** A line goes on behind a slot, and on to the slots of a second such line: all parts between two slots. */
function slicesOf(template: string): string[] {
  const parts = `${template}${template}`.replaceAll("CLIENT", VICTIM).split(/\{\w+\}/);
  const slices: string[] = [];
  for (let from = 0; from < parts.length; from++) {
    for (let to = from + 1; to <= parts.length; to++) slices.push(parts.slice(from, to).join("x"));
  }
  return slices;
}

/** A line with all its slots filled. */
function fill(service: Service, template: string, texts: readonly string[]): string {
  let at = 0;
  const slot = (_: string, name: Slot) => LIMITS[name](texts[at++ % texts.length] ?? "");
  return service.prefix + template.replaceAll("CLIENT", CLIENT).replace(/\{(\w+)\}/g, slot);
}

for (const service of SERVICES) {
  for (const options of service.options) {
    const name = `${service.filter}${JSON.stringify(options)}`;
    describe(name, () => {
      for (const template of service.lines) {
        test(`nobody but the client is blamed: ${template.slice(0, 60)}`, () => {
          const texts = fc.array(hostileText(service), { minLength: 4, maxLength: 4 });
          const property = fc.property(texts, (parts) => {
            const line = fill(service, template, parts);
            const { filter } = filterFor(service.filter, options);
            for (const failure of filter.processLine(line, { inOperation: false })) {
              const blamed = subjectText(failure);
              assert.ok(blamed === CLIENT, `${blamed} is blamed for: ${line}`);
            }
          });
          fc.assert(property, { numRuns: 200 });
        });
      }

      test("long and repetitive texts are no trouble", () => {
        const { filter, complaints } = shippedFilter(service.filter, options);
        for (const template of service.lines) {
          for (const piece of [...service.pieces, " ", "a", `${VICTIM} `, service.pieces.join("")]) {
            const text = piece.repeat(Math.ceil(8000 / piece.length));
            filter.processLine(fill(service, template, [text]), { inOperation: false });
          }
        }
        assert.deepEqual(
          complaints.map(({ message }) => message),
          [],
        );
      });
    });
  }
}

const made = new Map<string, ReturnType<typeof shippedFilter>>();

/** Filters keep only the sessions of earlier lines, and here these are all the client's. */
function filterFor(
  name: string,
  options: Readonly<Record<string, string>>,
): ReturnType<typeof shippedFilter> {
  const key = `${name}${JSON.stringify(options)}`;
  const known = made.get(key) ?? shippedFilter(name, options);
  made.set(key, known);
  return known;
}
