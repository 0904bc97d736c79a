/**
 * A copy of a text that holds on to nothing else. A slice of a long text keeps all of it in memory as long as
 * the slice lives; what is kept beyond the block it came from has to be copied.
 */
export function ownText(text: string): string {
  return ownLine(text).slice(0, -1);
}

/** The same with a newline behind it. */
export function ownLine(text: string): string {
  const line = `${text}\n`;
  // The engine joins texts lazily and copies when a character is asked for.
  line.charCodeAt(text.length);
  return line;
}
