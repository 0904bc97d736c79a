import type { DateCut } from "./date-cut.ts";
import type { Expression } from "./expression.ts";
import { Prefilter } from "./prefilter.ts";

/** Characters of a block that show what is rare in a log, and those after which it is looked at again. */
const SAMPLE = 1 << 14;
const RESAMPLE = 1 << 26;
/** Part of the lines beyond which it costs less to try a prefregex on all than to look for its texts first. */
const FEW = 0.25;

/** What prefilters follow from. */
export interface PrefilterGrounds {
  readonly prefRegex: Expression | null;
  readonly failRegexes: readonly Expression[];
  /** Where dates are cut out of lines. */
  readonly cut: DateCut;
}

/** A prefilter. What it looks for is chosen anew when much has been read, as logs differ and change. */
export class PrefilterChoice {
  readonly #choose: (sample: string) => Prefilter | null;
  /** `null`: nothing can be passed over; `undefined`: not chosen yet. */
  #chosen: Prefilter | null | undefined = undefined;
  /** Characters read since it was chosen. */
  #readSince = 0;

  private constructor(choose: (sample: string) => Prefilter | null) {
    this.#choose = choose;
  }

  /**
   * Finds the lines that a failregex can match.
   *
   * @param grounds `null`: no line may be passed over
   */
  static forFailures(grounds: PrefilterGrounds | null): PrefilterChoice {
    return new PrefilterChoice((sample) => {
      if (grounds === null) return null;
      const { prefRegex, failRegexes, cut } = grounds;
      const required = failRegexes.map((expression) => expression.required);
      const byFailRegex = Prefilter.for(required, cut, sample);
      return byFailRegex ?? (prefRegex && Prefilter.for([prefRegex.required], cut, sample));
    });
  }

  /**
   * Finds the lines that any expression can match, the prefregex included, if these are few.
   *
   * @param grounds `null`: no line may be passed over
   */
  static forMatches(grounds: PrefilterGrounds | null): PrefilterChoice {
    return new PrefilterChoice((sample) => {
      if (grounds === null) return null;
      const { prefRegex, failRegexes, cut } = grounds;
      if (prefRegex === null)
        return Prefilter.for(
          failRegexes.map(({ required }) => required),
          cut,
          sample,
        );
      const prefilter = Prefilter.for([prefRegex.required], cut, sample);
      return prefilter !== null && shareOf(prefilter, sample) <= FEW ? prefilter : null;
    });
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
}

/** Which part of some lines a prefilter lets through. */
function shareOf(prefilter: Prefilter, sample: string): number {
  const lines = sample.split("\n");
  return lines.filter((line) => prefilter.accepts(line)).length / lines.length;
}
