/**
 * A copy of a text that holds on to nothing else. A slice of a long text keeps all of it in memory as long as
 * the slice lives; what is kept beyond the block it came from has to be copied.
 */
export function ownText(text: string): string {
  // The engine joins texts lazily and copies when a character is asked for.
  const joined = `${text}\n`;
  return joined.charCodeAt(joined.length - 1) === NEWLINE ? joined.slice(0, -1) : text;
}

const NEWLINE = 10;
