const CONTROL = /\p{Cc}/gu;

/** A path for messages: whoever may name files must not be able to write lines of their own into a log. */
export function shownPath(path: string): string {
  return path.replace(CONTROL, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
