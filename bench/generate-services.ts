import { logAddress, pickFrom, randomInt, seededRandom } from "./generate.ts";

/** What the generated log of a service looks like. */
export interface ServiceLogOptions {
  readonly lines: number;
  /** Share of lines that report an attack, 0 to 1. */
  readonly failures: number;
  readonly seed: number;
  /** Time of the first line, seconds since 1970 UTC. */
  readonly start: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const PAGES = [
  "/",
  "/news",
  "/shop/item/42",
  "/css/site.css",
  "/js/app.js",
  "/img/logo.png",
  "/api/v1/status",
];
const PROBES = ["/wp-login.php", "/phpmyadmin/index.php", "/.env", "/admin/config.php", "/cgi-bin/test.cgi"];
const AGENTS = ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "curl/8.5.0"];

/** An access log of nginx in its combined format; attackers ask for what is not there. */
export function accessLog(options: ServiceLogOptions): Generator<string> {
  const random = seededRandom(options.seed);
  const pick = pickFrom(random);
  return blocks(options.lines, (i) => {
    const isProbe = random() < options.failures;
    const request = `GET ${pick(isProbe ? PROBES : PAGES)} HTTP/1.1`;
    const size = randomInt(random, 50_000);
    const when = clfDate(options.start + i * 0.01);
    return `${logAddress(random)} - - [${when}] "${request}" ${isProbe ? 404 : 200} ${size} "-" "${pick(AGENTS)}"`;
  });
}

/** A mail log of Postfix: deliveries, and clients that are turned away. */
export function mailLog(options: ServiceLogOptions): Generator<string> {
  const random = seededRandom(options.seed);
  return blocks(options.lines, (i) => {
    const pid = 1000 + randomInt(random, 60_000);
    const begin = `${syslogDate(options.start + i * 0.02)} mx1 postfix/`;
    const ip = logAddress(random);
    if (random() < options.failures) {
      return `${begin}smtpd[${pid}]: NOQUEUE: reject: RCPT from unknown[${ip}]: 554 5.7.1 <u${pid}@example.com>: Relay access denied; from=<a@example.net> to=<u${pid}@example.com> proto=ESMTP helo=<h${pid}>`;
    }
    const queue = (0x10000000 + randomInt(random, 0xeffffff)).toString(16).toUpperCase();
    const kind = random();
    if (kind < 0.25) return `${begin}smtpd[${pid}]: connect from mail.example.org[${ip}]`;
    if (kind < 0.5)
      return `${begin}smtpd[${pid}]: disconnect from mail.example.org[${ip}] ehlo=1 quit=1 commands=2`;
    if (kind < 0.75)
      return `${begin}qmgr[${pid}]: ${queue}: from=<a@example.net>, size=${pid}, nrcpt=1 (queue active)`;
    return `${begin}smtp[${pid}]: ${queue}: to=<b@example.org>, relay=mx.example.org[${ip}]:25, delay=0.5, status=sent (250 OK)`;
  });
}

/** Lines in blocks of about a megabyte. */
function* blocks(lines: number, line: (index: number) => string): Generator<string> {
  let block = "";
  for (let i = 0; i < lines; i++) {
    block += `${line(i)}\n`;
    if (block.length > 1_000_000) {
      yield block;
      block = "";
    }
  }
  if (block !== "") yield block;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function clfDate(epoch: number): string {
  const d = new Date(epoch * 1000);
  const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  return `${two(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${clock} +0000`;
}

function syslogDate(epoch: number): string {
  const d = new Date(epoch * 1000);
  const clock = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  return `${MONTHS[d.getMonth()]} ${String(d.getDate()).padStart(2, " ")} ${clock}`;
}
