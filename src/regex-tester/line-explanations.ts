import type { TimedLine } from "../detect/filter.ts";
import type { LineExplainer } from "../detect/line-explainer.ts";
import { explanationText } from "./explanation-text.ts";
import { type LineSink, testedLines } from "./line-sink.ts";

/** Prints for each line what happens to it: as text, or as one JSON object a line. */
export class LineExplanations implements LineSink {
  readonly #explainer: LineExplainer;
  readonly #asJson: boolean;
  readonly #print: (line: string) => void;

  constructor(explainer: LineExplainer, asJson: boolean, print: (line: string) => void) {
    this.#explainer = explainer;
    this.#asJson = asJson;
    this.#print = print;
  }

  async test(block: string): Promise<void> {
    for (const line of testedLines(block)) this.#explain({ line, time: null });
  }

  async testTimed(entries: readonly TimedLine[]): Promise<void> {
    for (const entry of entries) this.#explain(entry);
  }

  #explain({ line, time }: TimedLine): void {
    const explanation = this.#explainer.explain(line, time);
    if (this.#asJson) this.#print(JSON.stringify(explanation));
    else for (const text of explanationText(explanation)) this.#print(text);
  }
}
