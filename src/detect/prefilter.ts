import type { BlockBytes } from "./block-bytes.ts";
import type { DateCut } from "./date-cut.ts";
import { type Requirement, selectivity } from "./required-texts.ts";
import { type TextSearch, textSearch } from "./text-search.ts";

/** Finds the lines of a block in which some expression could match. */
export class Prefilter {
  readonly #search: TextSearch;

  private constructor(texts: readonly string[]) {
    const needed = texts.filter(
      (text, i) => !texts.some((t, j) => j !== i && text.includes(t) && (t !== text || j < i)),
    );
    this.#search = textSearch(needed);
  }

  /**
   * A prefilter for expressions of which each has the given requirements, or `null` when one of them says too
   * little about the lines it matches.
   *
   * @param sample lines of the log: of the texts that would do, those are looked for that are rare in it
   */
  static for(expressions: readonly (readonly Requirement[])[], cut: DateCut, sample = ""): Prefilter | null {
    const rarity = new Rarity(sample);
    const texts: string[] = [];
    for (const requirements of expressions) {
      const needed = inLine(requirements, cut, rarity);
      if (!needed) return null;
      texts.push(...needed);
    }
    return texts.length === 0 ? null : new Prefilter(texts);
  }

  /** Position of the next place at or after `from` that makes its line worth looking at, or -1. */
  next(block: string, from: number): number {
    return this.#search.next(block, from);
  }

  /** As {@link next}, in a block of which the bytes are at hand. */
  nextIn(block: BlockBytes, from: number): number {
    return this.#search.nextIn(block, from);
  }

  /** Whether the line could be matched. */
  accepts(line: string): boolean {
    return this.next(line, 0) >= 0;
  }
}

/** Shorter texts stand in nearly every line. */
const SHORTEST = 2;

/** Texts of which one stands in every line, date included, that has all requirements without the date. */
function inLine(
  requirements: readonly Requirement[],
  cut: DateCut,
  rarity: Rarity,
): readonly string[] | null {
  const oneLine = requirements.map((r) => r.map(withoutNewlines)).filter(isUsable);
  if (cut === "anywhere") {
    // The date is cut out at one place, so of two requirements at different places one is whole.
    const [first, second] = rarity.best(oneLine, 2);
    if (first && second) return [...first, ...second];
    return first ? (rarity.best([first.flatMap(halves)].filter(isUsable), 1)[0] ?? null) : null;
  }
  const pieces = oneLine.map((r) => r.map(cut === "start" ? withoutStart : longestPiece)).filter(isUsable);
  return rarity.best(pieces, 1)[0] ?? null;
}

/** Knows how rare texts are in a sample of the log. */
class Rarity {
  readonly #sample: string;
  readonly #counts = new Map<string, number>();

  constructor(sample: string) {
    this.#sample = sample;
  }

  /** The requirements that the fewest places of the sample meet, or that are the longest. */
  best(requirements: readonly Requirement[], count: number): readonly Requirement[] {
    return requirements
      .map((requirement) => ({ requirement, places: this.#placesOf(requirement) }))
      .sort((a, b) => a.places - b.places || selectivity(b.requirement) - selectivity(a.requirement))
      .slice(0, count)
      .map(({ requirement }) => requirement);
  }

  #placesOf(requirement: Requirement): number {
    return requirement.reduce((sum, text) => sum + this.#count(text), 0);
  }

  #count(text: string): number {
    let count = this.#counts.get(text);
    if (count !== undefined) return count;
    count = 0;
    for (let at = this.#sample.indexOf(text); at >= 0; at = this.#sample.indexOf(text, at + 1)) count++;
    this.#counts.set(text, count);
    return count;
  }
}

function isUsable(requirement: Requirement): boolean {
  return requirement.every((text) => text.length >= SHORTEST);
}

/** The newline at the end of the searched text is not in the line. */
function withoutNewlines(text: string): string {
  return longest(text.split("\n"));
}

/** What stays together when the date stood before, behind up to two characters that are no word characters. */
function withoutStart(text: string): string {
  return text.replace(/^[^0-9A-Za-z_]{1,2}/, "");
}

/** What stays together when the date may have stood before any character that is no word character. */
function longestPiece(text: string): string {
  return longest(text.split(/(?=[^0-9A-Za-z_])/u));
}

/** What stays together of a text that may have been split anywhere: one of its halves. */
function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

function longest(texts: readonly string[]): string {
  return texts.reduce((a, b) => (b.length > a.length ? b : a), "");
}
