import type { DateCut } from "./date-cut.ts";
import type { Expression } from "./expression.ts";
import { Prefilter } from "./prefilter.ts";

/** Characters of a block that show what is rare in a log, and those after which it is looked at again. */
const SAMPLE = 1 << 14;
const RESAMPLE = 1 << 26;

/** What a prefilter follows from. */
export interface PrefilterGrounds {
  readonly prefRegex: Expression | null;
  readonly failRegexes: readonly Expression[];
  /** Where dates are cut out of lines. */
  readonly cut: DateCut;
}

/** The prefilter of a filter. What it looks for is chosen anew when much has been read, as logs differ and change. */
export class PrefilterChoice {
  readonly #grounds: PrefilterGrounds | null;
  /** `null`: nothing can be passed over; `undefined`: not chosen yet. */
  #chosen: Prefilter | null | undefined = undefined;
  /** Characters read since it was chosen. */
  #readSince = 0;

  /** @param grounds `null`: no line may be passed over */
  constructor(grounds: PrefilterGrounds | null) {
    this.#grounds = grounds;
  }

  /** The one that was chosen last, if any. */
  get current(): Prefilter | null {
    return this.#chosen ?? null;
  }

  /** The one for the next block to be read; `null`: nothing in it can be passed over. */
  for(block: string): Prefilter | null {
    const isDue = block.length >= SAMPLE && this.#readSince >= RESAMPLE;
    if (this.#chosen === undefined || isDue) {
      this.#chosen = this.#choose(block.slice(0, SAMPLE));
      // A small sample says little.
      this.#readSince = block.length >= SAMPLE ? 0 : RESAMPLE;
    }
    this.#readSince += block.length;
    return this.#chosen;
  }

  #choose(sample: string): Prefilter | null {
    if (this.#grounds === null) return null;
    const { prefRegex, failRegexes, cut } = this.#grounds;
    const required = failRegexes.map((expression) => expression.required);
    const byFailRegex = Prefilter.for(required, cut, sample);
    return byFailRegex ?? (prefRegex && Prefilter.for([prefRegex.required], cut, sample));
  }
}
