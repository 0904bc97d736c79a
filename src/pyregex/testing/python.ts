import { spawnSync } from "node:child_process";

/** One call on a compiled pattern; places in code points. */
export interface Call {
  readonly kind: "search" | "match" | "fullmatch";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** One pattern and what to do with it. */
export interface Question {
  readonly pattern: string;
  readonly calls: readonly Call[];
}

/** What Python answers: why the pattern is invalid, or one result for each text. */
export type Answer = { readonly error: string } | { readonly results: readonly PythonMatch[] };

/** Span in code points and groups; `null`: no match. */
export type PythonMatch = null | {
  readonly span: readonly [number, number];
  readonly groups: readonly (string | null)[];
};

const SCRIPT = `
import json, re, sys, warnings
warnings.simplefilter("ignore")
def ask(question):
    try:
        compiled = re.compile(question["pattern"])
    except (re.error, OverflowError, ValueError) as error:
        return {"error": str(error)}
    results = []
    for call in question["calls"]:
        match = getattr(compiled, call["kind"])(call["text"], call["start"], call["end"])
        results.append(match and {"span": match.span(), "groups": match.groups()})
    return {"results": results}
json.dump([ask(q) for q in json.load(sys.stdin)], sys.stdout)
`;

/** Reason to skip a comparison with Python, or \`false\` when a fitting python3 is there. */
export function skipWithoutPython(): string | false {
  const probe = spawnSync("python3", ["-c", "import sys; print(*sys.version_info[:2])"], {
    encoding: "utf8",
  });
  if (probe.status !== 0) return "python3 is not on this machine";
  const [major = 0, minor = 0] = probe.stdout.split(" ").map(Number);
  return major === 3 && minor >= 11 && minor <= 13
    ? false
    : `python3 is ${probe.stdout.trim()}, not 3.11 to 3.13`;
}

/** Asks one python3 process all questions. */
export function askPython(questions: readonly Question[]): readonly Answer[] {
  const run = spawnSync("python3", ["-X", "utf8", "-c", SCRIPT], {
    input: JSON.stringify(questions),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (run.status !== 0) throw new Error(`python3 failed: ${run.stderr}`);
  return JSON.parse(run.stdout);
}
