const DECIMAL_DIGIT = /^\p{Nd}$/u;

/**
 * The value of decimal digits of any script: `42`, `٤٢`.
 *
 * @param text digits only; anything else gives `NaN`
 */
export function readDigits(text: string): number {
  let value = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    value = value * 10 + (code < 0x80 ? asciiDigit(code) : otherDigit(code));
  }
  return value;
}

function asciiDigit(code: number): number {
  return code >= 0x30 && code <= 0x39 ? code - 0x30 : Number.NaN;
}

/** Unicode keeps the digits 0 to 9 of each script side by side, so the place in the run is the value. */
function otherDigit(code: number): number {
  if (!DECIMAL_DIGIT.test(String.fromCodePoint(code))) return Number.NaN;
  let before = 0;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(code - before - 1))) before++;
  return before % 10;
}
