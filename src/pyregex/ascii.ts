const NON_ASCII = /[^\x00-\x7f]/;

let lastText = "";
let lastResult = true;

/** True when the text is pure ASCII. Cheap when the same text is asked about again, expression after expression. */
export function isAscii(text: string): boolean {
  if (text !== lastText) {
    lastText = text;
    lastResult = !NON_ASCII.test(text);
  }
  return lastResult;
}
