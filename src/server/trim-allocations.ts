/** What this module needs of `node:ffi`. */
type ForeignFunctions = Pick<typeof import("node:ffi"), "dlopen">;

let trim: (() => boolean) | null = null;

/**
 * Has the C library give back to the system what was freed to it. What lies between pieces that are in use it keeps
 * otherwise, and that is most of it: of nine megabytes two may be in use.
 *
 * @returns false when there was nothing to give back, or nothing that does so: that takes the GNU C library, and a Node
 *   that can call it (26.1)
 */
export function trimAllocations(): boolean {
  trim ??= makeTrim(process.getBuiltinModule("node:ffi") as ForeignFunctions | undefined);
  return trim();
}

function makeTrim(ffi: ForeignFunctions | undefined): () => boolean {
  try {
    // In this process; another C library has no such function.
    const library = ffi?.dlopen(null, { malloc_trim: { arguments: ["u64"], return: "i32" } });
    if (!library) return () => false;
    return () => library.functions.malloc_trim(0n) === 1;
  } catch {
    return () => false;
  }
}
