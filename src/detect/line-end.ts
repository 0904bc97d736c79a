/** The line that starts at `start` in a block, without newline and carriage returns at its end. */
export function lineAt(block: string, start: number): string {
  return block.slice(start, endOfLine(block, start));
}

/** Where that line ends. */
export function endOfLine(block: string, start: number): number {
  const newline = block.indexOf("\n", start);
  return textEnd(block, start, newline < 0 ? block.length : newline);
}

/** Where the text of a line ends whose newline is at `newline`: carriage returns before it do not count. */
export function textEnd(block: string, start: number, newline: number): number {
  let end = newline;
  while (end > start && block.charCodeAt(end - 1) === CARRIAGE_RETURN) end--;
  return end;
}

const CARRIAGE_RETURN = 13;

/** Number of lines in a block, each with its newline. */
export function countLines(block: string): number {
  let count = 0;
  for (let at = block.indexOf("\n"); at >= 0; at = block.indexOf("\n", at + 1)) count++;
  return count;
}
