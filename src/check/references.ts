import { KNOWN_PREFIX, type MergedConfig } from "../config/merged.ts";

/** Every name that a `%(…)s` or a tag anywhere in the configuration may refer to, in lower case, without section. */
export function referencedNames(config: MergedConfig): Set<string> {
  const names = new Set<string>();
  for (const section of ["DEFAULT", ...config.sections()]) {
    if (section.startsWith(KNOWN_PREFIX)) continue;
    for (const { value } of config.own(section)?.values() ?? []) {
      if (typeof value === "string") addNames(names, value);
    }
  }
  return names;
}

/** Nested tags, `<re-<mode>>`, refer to every name that begins with what stands before the inner one: see {@link isReferenced}. */
function addNames(names: Set<string>, text: string): void {
  for (const [, percent, tag] of text.matchAll(/%\(([^)]+)\)s|<([^ <>]+)>/g)) {
    const name = (percent ?? tag ?? "").toLowerCase();
    names.add(name.slice(name.lastIndexOf("/") + 1));
  }
  for (const [, stem = ""] of text.matchAll(/<([^ <>]+)<[^ <>]+>/g)) names.add(`${stem.toLowerCase()}*`);
}

/** Whether a name is among the referenced ones, or may be through a nested tag. */
export function isReferenced(name: string, references: ReadonlySet<string>): boolean {
  if (references.has(name.toLowerCase())) return true;
  for (const reference of references) {
    if (reference.endsWith("*") && name.toLowerCase().startsWith(reference.slice(0, -1))) return true;
  }
  return false;
}
