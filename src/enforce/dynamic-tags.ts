import { type BanInfo, captureKey, type TagText } from "./ban-info.ts";
import { LAYOUT_TAGS } from "./static-tags.ts";

/** A script for `/bin/sh -c` and the values that it finds in `$0`, `$1`, … */
export interface ShellCommand {
  readonly script: string;
  readonly values: readonly string[];
}

/** Anything that knows the values of tags. */
export type TagSource = Pick<BanInfo, "value">;

/** With any of these in it, a value must not stand in the text of a script. */
const UNSAFE = /[\\#&;`|*?~<>^()[\]{}$'"\n\r]/;

/** Longer values travel apart too: the kernel limits each argument of a process, the script being one of them. */
const LONGEST_INLINE = 4096;

/**
 * A command whose static tags are replaced. Rendering fills in the values of one ban, in a single pass: values
 * are never scanned for tags. A value that a shell could take for syntax becomes a shell variable, and travels
 * as an argument of the shell.
 *
 * @example
 * await new CommandTemplate('echo "<F-USER>"').render({ value: () => "b'ob" })
 * // { script: 'f2bV_F_user=$0 \necho "$f2bV_F_user"', values: ["b'ob"] }
 */
export class CommandTemplate {
  /** Text at even, tag names at odd places. */
  readonly #parts: readonly string[];
  readonly #tags: ReadonlySet<string>;

  constructor(text: string) {
    this.#parts = text.split(/<([^ <>]+)>/);
    this.#tags = new Set(this.#parts.filter((_, index) => index % 2 === 1));
  }

  /** True when there is nothing to run. */
  get isBlank(): boolean {
    return this.#parts.length === 1 && this.#parts[0]?.trim() === "";
  }

  /** Fills in the values. */
  async render(source: TagSource): Promise<ShellCommand> {
    const values = new Map<string, TagText>();
    for (const tag of this.#tags) values.set(tag, await source.value(tag));
    return this.#fill((tag) => values.get(tag));
  }

  /** Fills in the values if all are known at once; otherwise `null`. */
  renderNow(source: TagSource): ShellCommand | null {
    let pending = false;
    const command = this.#fill((tag) => {
      const value = source.value(tag);
      if (!(value instanceof Promise)) return value;
      pending = true;
      return null;
    });
    return pending ? null : command;
  }

  #fill(ask: (tag: string) => TagText): ShellCommand {
    const variables = new ShellVariables();
    const inserts = new Map<string, string>();
    let body = "";
    for (let index = 0; index < this.#parts.length; index++) {
      const part = this.#parts[index]!;
      if (index % 2 === 0) {
        body += part;
        continue;
      }
      let insert = inserts.get(part);
      if (insert === undefined) {
        insert = insertFor(part, ask(part), variables);
        inserts.set(part, insert);
      }
      body += insert;
    }
    return { script: variables.assignments + body, values: variables.values };
  }
}

function insertFor(tag: string, value: TagText, variables: ShellVariables): string {
  if (value === undefined) return LAYOUT_TAGS.get(tag) ?? `<${tag}>`;
  const text = value ?? "None";
  if (text.length <= LONGEST_INLINE && !UNSAFE.test(text)) return text;
  return `$${variables.add(tag, text)}`;
}

/** The values of one command that travel as arguments, each under the name of a shell variable. */
class ShellVariables {
  readonly values: string[] = [];
  readonly #names: string[] = [];

  /** Name of the variable that holds the value. */
  add(tag: string, value: string): string {
    const key = captureKey(tag);
    let name = `f2bV_${(key === null ? tag : `F_${key}`).replaceAll(/[^A-Za-z0-9_]/g, "_")}`;
    // Two tags may differ only in characters that no variable name can have.
    while (this.#names.includes(name)) name += "_";
    this.#names.push(name);
    this.values.push(value);
    return name;
  }

  get assignments(): string {
    if (this.#names.length === 0) return "";
    const position = (index: number) => (index < 10 ? `$${index}` : `\${${index}}`);
    return `${this.#names.map((name, index) => `${name}=${position(index)} `).join("")}\n`;
  }
}
