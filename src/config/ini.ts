import { reprString } from "../pyvalue/repr.ts";
import { ConfigError, readable } from "./config-error.ts";
import { indentation, isSpace, strip, stripEnd } from "./whitespace.ts";

/** The section whose options every other section inherits. */
export const DEFAULT_SECTION = "DEFAULT";

/** One option of one file. */
export interface IniOption {
  /** Raw value, nothing substituted; the lines of a multi-line value are joined by newlines. */
  readonly value: string;
  readonly file: string;
  /** Line of the option's name, counted from 1. */
  readonly line: number;
}

/** Options by lower-cased name, in the order of the file. */
export type IniOptions = Map<string, IniOption>;

/** One parsed file: every section with its options, `[DEFAULT]` included if the file has it. */
export type IniFile = Map<string, IniOptions>;

/** The option being read: its lines so far, and where the value goes when it is complete. */
interface OpenOption {
  readonly name: string;
  readonly lines: string[];
  readonly option: { value: string; readonly file: string; readonly line: number };
}

/**
 * Parses one configuration file: sections, options, comments, continuation lines.
 *
 * @param text content of the file
 * @param file path of the file, for messages
 * @param problems if given, takes the faults, and reading goes on behind them
 * @throws {ConfigError} text before the first section, a section or option given twice, lines without delimiter.
 */
export function parseIni(text: string, file: string, problems?: ConfigError[]): IniFile {
  const parser = new IniParser(file, problems);
  const lines = text.includes("\r") ? text.split(/\r\n|\r|\n/) : text.split("\n");
  const last = lines.length - 1;
  for (let index = 0; index <= last; index++) {
    const line = lines[index] ?? "";
    // Most lines of most files are comments, and what is behind the last newline is no line if it is empty.
    if (line.startsWith("#") || (index === last && line === "")) continue;
    parser.add(line, index + 1, index < last);
  }
  return parser.finish();
}

class IniParser {
  readonly #file: string;
  readonly #problems: ConfigError[] | undefined;
  readonly #sections: IniFile = new Map();
  /** Lines of the sections' headers. */
  readonly #headers = new Map<string, number>();
  readonly #badLines: { line: number; text: string }[] = [];
  #lineNumber = 0;
  #headless = false;
  #sectionName = "";
  #options: IniOptions | undefined;
  #open: OpenOption | undefined;
  /** Indentation of the line that a continuation must exceed. */
  #indent = 0;

  constructor(file: string, problems: ConfigError[] | undefined) {
    this.#file = file;
    this.#problems = problems;
  }

  /** Takes a line, which messages quote with its newline if it has one. */
  add(line: string, number: number, hasNewline: boolean): void {
    this.#lineNumber = number;
    const content = withoutComment(line);
    if (content === undefined) return;
    if (content === "") {
      this.#open?.lines.push("");
      return;
    }
    const indent = indentation(line);
    if (this.#open !== undefined && this.#open.name !== "" && indent > this.#indent) {
      this.#open.lines.push(content);
      return;
    }
    this.#indent = indent;
    const header = content.startsWith("[") ? content.lastIndexOf("]") : -1;
    if (header > 1) this.#startSection(content.slice(1, header));
    else if (this.#options !== undefined) this.#startOption(content, hasNewline ? `${line}\n` : line);
    else this.#refuseWithoutSection(hasNewline ? `${line}\n` : line);
  }

  finish(): IniFile {
    this.#close();
    if (this.#badLines.length > 0) this.#fail(this.#badLinesError());
    return this.#sections;
  }

  #startSection(name: string): void {
    this.#close();
    const known = this.#sections.get(name);
    if (known !== undefined && name !== DEFAULT_SECTION) {
      this.#fail(
        new ConfigError(`${this.#whileReading()}: section ${reprString(name)} already exists`, {
          ...this.#here(),
          section: name,
          expected: `each section once in a file, this one began in line ${this.#headers.get(name)}`,
        }),
      );
    }
    if (known === undefined) this.#headers.set(name, this.#lineNumber);
    this.#options = known ?? new Map();
    this.#sections.set(name, this.#options);
    this.#sectionName = name;
  }

  #startOption(content: string, quoted: string): void {
    const delimiter = content.search(/[=:]/);
    if (delimiter < 1) this.#badLines.push({ line: this.#lineNumber, text: quoted });
    if (delimiter < 0) return;
    this.#close();
    const name = stripEnd(content.slice(0, delimiter)).toLowerCase();
    const value = strip(content.slice(delimiter + 1));
    const before = this.#options?.get(name);
    if (before !== undefined) this.#fail(this.#duplicateError(name, value, before.line));
    const option = { value, ...this.#here() };
    this.#open = { name, lines: [value], option };
    this.#options?.set(name, option);
  }

  /** Stores the open option: continuation lines are over. */
  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.lines.length === 1) return;
    open.option.value = stripEnd(open.lines.join("\n"));
  }

  #duplicateError(option: string, value: string, line: number): ConfigError {
    const section = this.#sectionName;
    return new ConfigError(
      `${this.#whileReading()}: option ${reprString(option)} in section ${reprString(section)} already exists`,
      {
        ...this.#here(),
        section,
        option,
        value,
        expected: `each option once in a section, this one stands in line ${line} already`,
      },
    );
  }

  /** Reports the first line outside of any section; what follows it suffers from the same. */
  #refuseWithoutSection(quoted: string): void {
    if (this.#headless) return;
    this.#headless = true;
    const expected = quoted.startsWith("\ufeff")
      ? "UTF-8 without byte-order mark"
      : "a section such as [DEFAULT] before the first option";
    const message = `File contains no section headers.\nfile: ${reprString(this.#file)}, line: ${this.#lineNumber}\n${reprString(readable(quoted))}`;
    this.#fail(new ConfigError(message, { ...this.#here(), value: strip(quoted), expected }));
  }

  #badLinesError(): ConfigError {
    const list = this.#badLines.map(
      ({ line, text }) => `\n\t[line ${padded(line)}]: ${reprString(readable(text))}`,
    );
    const [first] = this.#badLines;
    return new ConfigError(`Source contains parsing errors: ${reprString(this.#file)}${list.join("")}`, {
      file: this.#file,
      line: first?.line,
      value: strip(first?.text ?? ""),
      expected: "name = value",
    });
  }

  #fail(error: ConfigError): void {
    if (this.#problems === undefined) throw error;
    this.#problems.push(error);
  }

  #whileReading(): string {
    return `While reading from ${reprString(this.#file)} [line ${padded(this.#lineNumber)}]`;
  }

  #here(): { file: string; line: number } {
    return { file: this.#file, line: this.#lineNumber };
  }
}

function padded(line: number): string {
  return String(line).padStart(2);
}

/** The line stripped and without comment; `undefined` if it is nothing but a comment. */
function withoutComment(line: string): string | undefined {
  const content = strip(line);
  if (content.startsWith("#") || content.startsWith(";")) return undefined;
  if (!content.includes(";")) return content;
  for (let at = line.indexOf(";"); at >= 0; at = line.indexOf(";", at + 1)) {
    if (at === 0 || isSpace(line[at - 1] ?? "")) return strip(line.slice(0, at));
  }
  return content;
}
