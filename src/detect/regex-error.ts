/** An expression that cannot be used in a filter; the message says which and why. */
export class RegexError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RegexError";
  }
}
