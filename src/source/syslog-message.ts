/** What is known of a message besides its bytes. */
export interface SyslogReception {
  /** When it came, seconds since 1970 UTC; used where the message names no time. */
  readonly time: number;
  /** Address of the sender, or this machine's name; used where the message names no host. */
  readonly sender: string;
  /** It came by a socket of this machine, where messages of the traditional form name no host. */
  readonly isLocal?: boolean;
}

const PRIORITY = /^<\d{1,3}>/;
/** `Nov 21 03:19:33`, perhaps with a year or a fraction, or ISO 8601. */
const TIME = /^(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)/;
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

/**
 * Makes a log line of a syslog message of RFC 3164 or RFC 5424, such as a syslog daemon would write into a file:
 * `Nov 21 03:19:33 host sshd[100]: text`. Control characters are written as `#012`, so that nobody can slip in a
 * second line.
 *
 * @param message one character a byte, as is the result
 * @returns the line without newline; `null` for an empty message
 */
export function syslogLine(message: string, reception: SyslogReception): string | null {
  const end = message.search(/[\r\n\0]*$/);
  const content = message.slice(0, end).replace(PRIORITY, "");
  const line = content.startsWith("1 ") && end !== content.length ? modern(content, reception) : null;
  const text = line ?? traditional(content, reception);
  return text === "" ? null : text.replace(/[\0-\x08\x0a-\x1f\x7f]/g, octal);
}

function traditional(content: string, reception: SyslogReception): string {
  if (content.trim() === "") return "";
  const time = TIME.exec(content)?.[0];
  if (time === undefined) return `${isoTime(reception.time)} ${reception.sender} ${content.trimStart()}`;
  const end = content.indexOf(" ", time.length);
  if (!reception.isLocal || end < 0) return content;
  return `${content.slice(0, end)} ${reception.sender}${content.slice(end)}`;
}

/** RFC 5424: `1 TIME HOST APP PROCID MSGID DATA TEXT`, where `-` stands for nothing; `null` if it is not that. */
function modern(content: string, reception: SyslogReception): string | null {
  const header = /^1 (\S+) (\S+) (\S+) (\S+) \S+ /.exec(content);
  if (!header) return null;
  const [whole, time, host, application, process] = header as unknown as [string, ...string[]];
  const text = content.slice(skipStructuredData(content, whole.length)).replace(BYTE_ORDER_MARK, "");
  const when = time === "-" ? isoTime(reception.time) : time;
  const tag = application === "-" ? "" : `${application}${process === "-" ? "" : `[${process}]`}: `;
  return `${when} ${host === "-" ? reception.sender : host} ${tag}${text}`;
}

/** The place where the text begins, behind `-` or `[id name="value"]…` and a blank. */
function skipStructuredData(content: string, start: number): number {
  const data = /-|(?:\[(?:[^"\\\]]|"(?:[^"\\]|\\.)*")*\])+/sy;
  data.lastIndex = start;
  const end = data.test(content) ? data.lastIndex : start;
  return content[end] === " " ? end + 1 : end;
}

function octal(character: string): string {
  return `#${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
