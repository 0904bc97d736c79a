const SHORTENED = 53;

/** A text as it is announced, in at most 53 characters. */
export function shortened(text: string): string {
  return text.length > SHORTENED ? `${text.slice(0, SHORTENED - 3)}...` : text;
}
