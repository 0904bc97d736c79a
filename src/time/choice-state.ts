/** What a choice of templates remembers, as plain data: it can be handed to another one with the same templates. */
export interface ChoiceState {
  /** In the order in which they are tried. */
  readonly entries: readonly EntryState[];
  /** Index of the template that was chosen last; -1: none was. */
  readonly last: number;
  /** Entries before this one have been used. */
  readonly firstUnused: number;
  /** Where the last match was. */
  readonly start: number;
  readonly end: number;
  /** The characters around its ends (UTF-16 code units). */
  readonly around: readonly [before: number, first: number, last: number, after: number];
  /** The last template matches at one place only, so that it does not matter where it matched. */
  readonly isAnchored: boolean;
  /** How often another template was chosen than the time before. */
  readonly switches: number;
}

/** One template of a {@link ChoiceState}. */
export interface EntryState {
  readonly name: string;
  readonly hits: number;
  readonly lastUse: number;
  readonly distance: number;
}

/**
 * Whether choices in these two states choose the same for all lines as long as neither switches to another
 * template: how often the last template was used does not matter then.
 */
export function choosesAlike(a: ChoiceState, b: ChoiceState): boolean {
  return decisive(a) === decisive(b);
}

function decisive({ entries, last, firstUnused, start, end, around, isAnchored }: ChoiceState): string {
  const others = entries.map(({ name, hits, distance }, i) => (i === last ? [name] : [name, hits, distance]));
  return JSON.stringify([others, last, firstUnused, isAnchored ? null : [start, end, around]]);
}
