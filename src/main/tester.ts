/** The tester, as the built package has it in a file of its own: what servers and clients take would only delay it. */
export { runRegex as regex } from "./run-regex.ts";
