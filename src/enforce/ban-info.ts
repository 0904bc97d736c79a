import type { Family, Identifier } from "../net/identifier.ts";

/** What a tag of a command becomes: a text, `null` (shown as `None`), or `undefined` for an unknown tag. */
export type TagText = string | null | undefined;

/** The values of one ban that commands and module actions can ask for. They are computed when asked for. */
export interface BanInfo {
  /** What is banned. */
  readonly id: Identifier;
  /** Family of the address that is banned, `null` for plain text. */
  readonly family: Family | null;
  /** True when the ban was read from the database at start. */
  readonly restored: boolean;
  /**
   * The value of a tag, named without its angle brackets (`ip`, `failures`, `F-USER`, …). Some values need a
   * look-up and come later. Unknown tags give `undefined` and stay in a command as they are.
   */
  value(tag: string): TagText | Promise<TagText>;
}

/** The key under which `<F-NAME>` finds its captured text; `null` when the tag is of another kind. */
export function captureKey(tag: string): string | null {
  const name = /^F-([A-Z0-9_-]+)$/.exec(tag)?.[1];
  if (name === undefined) return null;
  if (name === "ID") return "fid";
  return name === "PORT" ? "fport" : name.toLowerCase();
}
