/** Words that a shell knows by itself. */
const SHELL_WORDS: ReadonlySet<string> = new Set(
  (
    "if then else elif fi for while until do done case esac in function { } ! [[ time " +
    ". : [ alias bg break cd command continue echo eval exec exit export false fg getopts hash jobs kill let local printf " +
    "pwd read readonly return set shift source test times trap true type typeset ulimit umask unalias unset wait"
  ).split(" "),
);
/** Words behind which a command begins, not an argument. */
const PREFIXES: ReadonlySet<string> = new Set(
  "if then else elif while until do ! { time exec command eval".split(" "),
);
const ASSIGNMENT = /^\w+\+?=/;
/** A name that can be looked for: no variable, tag, pattern or quotation is left in it. */
const PLAIN = /^[\w@%+.,:/-]+$/;

/**
 * The programs that a shell script calls by plain names, without what the shell itself knows and without functions that
 * the script defines. Names that come out of variables or tags are left out: the result is what is sure.
 *
 * @example scriptPrograms("if x -q; then y | z; fi") // ["x", "y", "z"]
 */
export function scriptPrograms(script: string): string[] {
  const programs = new Set<string>();
  const functions = new Set<string>();
  for (const { words, end } of withoutPatterns(simpleCommands(script))) {
    const word = commandWord(words);
    if (word === undefined) continue;
    if (end === "(" && words.at(-1) === word) functions.add(word);
    else programs.add(word);
  }
  return [...programs].filter((name) => PLAIN.test(name) && !SHELL_WORDS.has(name) && !functions.has(name));
}

/** Leaves out what stands before the parenthesis of a branch of `case`, `a|b)`. */
function withoutPatterns(commands: readonly SimpleCommand[]): SimpleCommand[] {
  const kept: SimpleCommand[] = [];
  for (const command of commands) {
    if (command.end !== PATTERN_END) {
      kept.push(command);
      continue;
    }
    while (kept.at(-1)?.end === "|" && kept.at(-1)?.words.length === 1) kept.pop();
  }
  return kept;
}

/** The word that is called: behind keywords and assignments. */
function commandWord(words: readonly string[]): string | undefined {
  // `for x in …`, `case x in …` call nothing.
  const start = words.findIndex((word) => !PREFIXES.has(word) && !ASSIGNMENT.test(word));
  return start < 0 || words[start] === "for" || words[start] === "case" ? undefined : words[start];
}

interface SimpleCommand {
  readonly words: readonly string[];
  /** The character that ended it, or {@link PATTERN_END}; empty at the end of the script. */
  readonly end: string;
}

/** A closing parenthesis that none opened. */
const PATTERN_END = "pattern)";
const SEPARATORS = "\n;|&()`";

/** Cuts a script at everything that ends a command, quotations respected. */
function simpleCommands(script: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let words: string[] = [];
  let word = "";
  let depth = 0;
  const endWord = () => {
    if (word !== "") words.push(word);
    word = "";
  };
  for (let at = 0; at < script.length; at++) {
    const char = script[at] ?? "";
    if (char === "#" && word === "") at = endOfLine(script, at) - 1;
    else if (char === "\\") word += script[++at] === "\n" ? "" : `\\${script[at] ?? ""}`;
    else if (char === "'" || char === '"') {
      const end = endOfQuote(script, at);
      word += script.slice(at, end + 1);
      at = end;
    } else if (char === "&" && (word.endsWith(">") || script[at + 1] === ">")) word += char;
    else if (SEPARATORS.includes(char)) {
      endWord();
      const isPattern = char === ")" && depth === 0;
      if (char === "(") depth++;
      else if (char === ")" && depth > 0) depth--;
      if (words.length > 0) commands.push({ words, end: isPattern ? PATTERN_END : char });
      words = [];
    } else if (char === " " || char === "\t" || char === "\r") endWord();
    else word += char;
  }
  endWord();
  return [...commands, { words, end: "" }];
}

function endOfLine(script: string, at: number): number {
  const end = script.indexOf("\n", at);
  return end < 0 ? script.length : end;
}

function endOfQuote(script: string, start: number): number {
  const quote = script[start];
  for (let at = start + 1; at < script.length; at++) {
    if (script[at] === "\\" && quote === '"') at++;
    else if (script[at] === quote) return at;
  }
  return script.length;
}
