/** The server's answer does not have the shape that this command's answer has. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
}
