/** A log line cut at its date. */
export type LineParts = readonly [before: string, date: string, after: string];

/** The text that the expressions of a filter see: the lines without their dates, each with a newline. */
export function searchedText(lines: readonly LineParts[]): string {
  if (lines.length === 1) return `${lines[0]![0]}${lines[0]![2]}\n`;
  let text = "";
  for (const [before, , after] of lines) text += `${before}${after}\n`;
  return text;
}

/** The lines of a buffer after an expression matched in their text. */
export interface SplitBuffer {
  readonly matched: readonly LineParts[];
  readonly unmatched: readonly LineParts[];
}

/**
 * Separates the lines that took part in a match from those that did not.
 *
 * @param start where the match begins in the searched text of the lines
 * @param end where it ends
 * @param skipped what the `skiplines` groups captured; such lines count as not matched
 */
export function splitBuffer(
  lines: readonly LineParts[],
  start: number,
  end: number,
  skipped: readonly string[],
): SplitBuffer {
  const first = lineAt(lines, start);
  const last = lineAt(lines, Math.max(start, end - 1));
  const matched = lines.slice(first, last + 1);
  const passed: LineParts[] = [];
  for (const text of skipped.flatMap((block) => block.split("\n").slice(0, -1))) {
    const at = matched.findIndex(([before, , after]) => before + after === text);
    if (at >= 0) passed.push(...matched.splice(at, 1));
  }
  return { matched, unmatched: [...lines.slice(0, first), ...passed, ...lines.slice(last + 1)] };
}

function lineAt(lines: readonly LineParts[], position: number): number {
  let end = 0;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    end += line[0].length + line[2].length + 1;
    if (position < end) return i;
  }
  return lines.length - 1;
}
