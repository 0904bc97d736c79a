import type { ChoiceState } from "./choice-state.ts";
import { dateStart } from "./date-place.ts";
import { LineFeatures } from "./line-features.ts";
import type { DateMatch, DateTemplate } from "./template.ts";

/** A template in the list of one detector. */
export class TemplateEntry {
  readonly template: DateTemplate;
  /** Lines whose date was found with it. */
  hits = 0;
  /** When that happened last, in seconds since 1970 UTC. */
  lastUse = 0;
  /** How far from the begin of the line it matched last. */
  distance = FAR;

  constructor(template: DateTemplate) {
    this.template = template;
  }

  /** The preference over others. */
  get weight(): number {
    return (this.hits * this.template.weight) / Math.max(1, this.distance);
  }
}

const FAR = 10_000_000;
/** A template not used for so long (in seconds) gives way to one that is in use. */
const FORGOTTEN = 300;
/** Stands for a character where there is none. */
const NONE = -1;

/**
 * The templates of one detector in the order in which they are tried, and the choice among those that match a
 * line: the one used last is tried first, those in use move to the front.
 */
export class TemplateChoice {
  readonly #entries: TemplateEntry[] = [];
  readonly #names = new Set<string>();
  #last: TemplateEntry | null = null;
  #lastIndex = -1;
  /** Entries before this one have been used. */
  #firstUnused = 0;
  // Where the last match was, and the characters (UTF-16 code units) around its ends.
  #start = 1;
  #end = 0;
  #charBefore = NONE;
  #firstChar = NONE;
  #lastChar = NONE;
  #charAfter = NONE;
  #switches = 0;
  #uses = 0;

  get entries(): readonly TemplateEntry[] {
    return this.#entries;
  }

  /** The entry that was chosen last. */
  get last(): TemplateEntry | null {
    return this.#last;
  }

  /** What is remembered. Setting it expects the same templates; those that are not among them stay as they are. */
  get state(): ChoiceState {
    return {
      entries: this.#entries.map(({ template: { name }, hits, lastUse, distance }) => {
        return { name, hits, lastUse, distance };
      }),
      last: this.#lastIndex,
      firstUnused: this.#firstUnused,
      start: this.#start,
      end: this.#end,
      around: [this.#charBefore, this.#firstChar, this.#lastChar, this.#charAfter],
      isAnchored: this.#last?.template.anchored ?? false,
      switches: this.#switches,
    };
  }

  set state({ entries, last, firstUnused, start, end, around, switches }: ChoiceState) {
    for (const [index, { name, hits, lastUse, distance }] of entries.entries()) {
      const at = this.#entries.findIndex(({ template }) => template.name === name);
      if (at < 0) continue;
      const [entry] = this.#entries.splice(at, 1) as [TemplateEntry];
      entry.hits = hits;
      entry.lastUse = lastUse;
      entry.distance = distance;
      this.#entries.splice(index, 0, entry);
    }
    this.#last = this.#entries[last] ?? null;
    this.#lastIndex = last;
    this.#firstUnused = firstUnused;
    this.#start = start;
    this.#end = end;
    [this.#charBefore, this.#firstChar, this.#lastChar, this.#charAfter] = around;
    this.#switches = switches;
  }

  /** How often a template was used. */
  get uses(): number {
    return this.#uses;
  }

  /** Has the last template forget that it was used since there were so many uses. */
  takeBackUses(uses: number): void {
    if (this.#last !== null) this.#last.hits -= this.#uses - uses;
    this.#uses = uses;
  }

  /** Appends a template; false when there is one of the same name already. */
  add(template: DateTemplate): boolean {
    if (this.#names.has(template.name)) return false;
    this.#names.add(template.name);
    this.#entries.push(new TemplateEntry(template));
    return true;
  }

  /** Appends those templates whose names are new; the same template with more weight takes the place of the other. */
  addAll(templates: Iterable<DateTemplate>): void {
    for (const template of templates) {
      if (this.add(template)) continue;
      const at = this.#entries.findIndex((entry) => entry.template.name === template.name);
      const { pattern, weight } = this.#entries[at]!.template;
      if (template.pattern === pattern && template.weight > weight)
        this.#entries[at] = new TemplateEntry(template);
    }
  }

  /** Where the last match ended. */
  get end(): number {
    return this.#end;
  }

  /**
   * Chooses the last template again if its scanner recognises a date where that template must find it.
   *
   * @param bytes what the line is a part of, if that is pure ASCII and at hand as bytes
   * @param from where it begins there
   * @returns where the date begins, or -1 when {@link choose} must be asked
   */
  scanLast(line: string, now: number, bytes: Readonly<Uint8Array> | null = null, from = 0): number {
    if (this.#last === null) return -1;
    const { scanner, place } = this.#last.template;
    if (scanner === null) return -1;
    const start = dateStart(line, place, bytes, from);
    const end = start < 0 ? -1 : scanner.end(line, start);
    if (end < 0) return -1;
    if (place !== "only") this.useLast(end, now);
    else if (!this.#acceptsAt(line, start, end)) return -1;
    else this.#win(line, { start, end }, this.#lastIndex, now);
    return start;
  }

  /** Chooses the last template, an anchored one, again for a date that ends at `end`. */
  useLast(end: number, now: number): void {
    this.#recordUse(0, end, this.#last!, now);
  }

  /** Whether a search of the last template finds the only date of a line: it may look at one place only. */
  #acceptsAt(line: string, start: number, end: number): boolean {
    return (start === this.#start && end === this.#end) || !this.#looksAlike(line);
  }

  /** Chooses a template for the line and returns its match; null when none matches. */
  choose(line: string, now: number): DateMatch | null {
    const last = this.#last;
    let reserve: { match: DateMatch; index: number } | null = null;
    let excluded: TemplateEntry | null = null;
    if (last !== null) {
      const isNarrowed = !last.template.anchored && this.#looksAlike(line);
      if (!isNarrowed) excluded = last;
      const match = isNarrowed
        ? last.template.search(line, this.#start, this.#end)
        : last.template.search(line);
      if (match !== null) {
        const isSame = match.start === this.#start && match.end === this.#end;
        if (this.#entries.length === 1 || last.template.anchored || isSame) {
          return this.#win(line, match, this.#lastIndex, now);
        }
        reserve = { match, index: this.#lastIndex };
      }
    }
    const features = new LineFeatures(line);
    for (let index = 0; index < this.#entries.length; index++) {
      const entry = this.#entries[index]!;
      const { needs } = entry.template;
      if (entry === excluded || (needs !== null && !features.has(needs))) continue;
      const match = entry.template.search(line);
      if (match === null) continue;
      const isLater = match.start > entry.distance || match.start > this.#start;
      if (!isLater || entry.template.anchored || index === this.#entries.length - 1) {
        return this.#win(line, match, index, now);
      }
      if (reserve === null || match.start < reserve.match.start) reserve = { match, index };
    }
    return reserve === null ? null : this.#win(line, reserve.match, reserve.index, now);
  }

  /** Whether the characters around the place of the last match look as they did then. */
  #looksAlike(line: string): boolean {
    const first = codeAt(line, this.#start);
    const before = codeAt(line, this.#start - 1);
    if (before !== this.#charBefore && !(first === this.#firstChar && isSymbol(first))) return false;
    const final = codeAt(line, this.#end - 1);
    const after = codeAt(line, this.#end);
    return after === this.#charAfter || (final === this.#lastChar && isSymbol(final));
  }

  #win<T extends Pick<DateMatch, "start" | "end">>(line: string, match: T, index: number, now: number): T {
    const entry = this.#entries[index]!;
    this.#record(line, match.start, match.end, entry, now);
    if (index === this.#firstUnused) this.#firstUnused++;
    const isNew = index !== this.#lastIndex;
    if (isNew) this.#switches++;
    this.#last = entry;
    this.#lastIndex = index !== 0 && isNew ? this.#reorder(index) : index;
    return match;
  }

  #record(line: string, start: number, end: number, entry: TemplateEntry, now: number): void {
    this.#recordUse(start, end, entry, now);
    this.#charBefore = codeAt(line, start - 1);
    this.#firstChar = codeAt(line, start);
    this.#lastChar = codeAt(line, end - 1);
    this.#charAfter = codeAt(line, end);
  }

  /** Records all but the characters around the match, which do not matter for anchored templates. */
  #recordUse(start: number, end: number, entry: TemplateEntry, now: number): void {
    entry.hits++;
    this.#uses++;
    entry.lastUse = now;
    entry.distance = start;
    this.#start = start;
    this.#end = end;
  }

  /** Moves an entry towards the front if it deserves it; returns where it is then. */
  #reorder(index: number): number {
    const entry = this.#entries[index]!;
    const half = this.#firstUnused < index ? this.#firstUnused : Math.floor(index / 2);
    for (const target of half === index - 1 ? [half] : [half, index - 1]) {
      const other = this.#entries[target]!;
      if (entry.weight <= other.weight && entry.lastUse - other.lastUse <= FORGOTTEN) continue;
      this.#entries.splice(index, 1);
      this.#entries.splice(target, 0, entry);
      while ((this.#entries[this.#firstUnused]?.hits ?? 0) > 0) this.#firstUnused++;
      return target;
    }
    return index;
  }
}

function codeAt(line: string, at: number): number {
  return at >= 0 && at < line.length ? line.charCodeAt(at) : NONE;
}

const LETTER_OR_DIGIT = /[\p{L}\p{Nd}\p{Nl}\p{No}]/u;

/** Whether the character is there and neither a letter nor a digit. */
function isSymbol(code: number): boolean {
  if (code === NONE) return false;
  if (code < 0x80) return !/[0-9A-Za-z]/.test(String.fromCharCode(code));
  return !LETTER_OR_DIGIT.test(String.fromCharCode(code));
}
