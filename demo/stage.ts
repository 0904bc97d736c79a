/** Prints the demo's story: who speaks in a narrow column, what was said in the rest of an 80-column line. */

const WIDTH = 80;
const COLUMN = 11;

const COLOURS = { dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, bold: 1 } as const;

/** Names of the colours used. */
export type Colour = keyof typeof COLOURS;

// Whoever reads through a pipe may go before the end; the story then goes on unheard, and cleans up after itself.
process.stdout.on("error", () => {});

const colourful =
  !process.env["NO_COLOR"] && (process.stdout.isTTY === true || Boolean(process.env["FORCE_COLOR"]));

/** The text in a colour, where the terminal shows colours. */
export function paint(colour: Colour, text: string): string {
  return colourful ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
}

/** A blank line. */
export function gap(): void {
  console.log("");
}

/** Headline of an act. */
export function headline(text: string): void {
  gap();
  console.log(paint("bold", text));
}

/** Running text, wrapped. */
export function say(text: string): void {
  for (const line of wrap(text, WIDTH)) console.log(line);
}

/** What somebody says: the speaker's name in its column, the text wrapped into the rest of the page. */
export function line(speaker: string, colour: Colour, text: string): void {
  const [first = "", ...rest] = wrap(text, WIDTH - COLUMN);
  console.log(`${paint(colour, speaker.padEnd(COLUMN))}${first}`);
  for (const more of rest) console.log(`${" ".repeat(COLUMN)}${more}`);
}

/** As {@link line}, but on one line: what does not fit is cut. */
export function shortLine(speaker: string, colour: Colour, text: string): void {
  const room = WIDTH - COLUMN;
  const shown = text.length > room ? `${text.slice(0, room - 1).trimEnd()}…` : text;
  console.log(`${paint(colour, speaker.padEnd(COLUMN))}${shown}`);
}

/** Output of a program, indented below its speaker. */
export function block(speaker: string, colour: Colour, text: string): void {
  const lines = text.replaceAll("\t", " ").trimEnd().split("\n");
  for (const [index, one] of lines.entries()) shortLine(index === 0 ? speaker : "", colour, one);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current];
}
