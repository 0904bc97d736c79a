import { parseOptions } from "../config/options.ts";
import { keyError, valueError } from "../pyvalue/errors.ts";
import { parseDuration } from "../time/duration.ts";
import type { IgnoreCacheOptions } from "../track/ignore-cache.ts";
import { integer } from "./arguments.ts";

const DEFAULT_COUNT = 100;
const DEFAULT_SECONDS = 300;

/**
 * Reads `key="<ip>", max-count=100, max-time=5m`; empty text switches the cache off.
 *
 * @throws PyError when the text has another form, the key is missing or a number is none
 */
export function parseIgnoreCache(text: string): IgnoreCacheOptions | null {
  if (text.trim() === "") return null;
  const options = optionsOf(text);
  const key = options.get("key");
  if (key === undefined) throw keyError("key");
  const maxTime = options.get("max-time");
  return {
    key,
    maxCount: integer(options.get("max-count") ?? DEFAULT_COUNT),
    maxTime: maxTime === undefined ? DEFAULT_SECONDS : parseDuration(maxTime).seconds,
  };
}

function optionsOf(text: string): Map<string, string> {
  try {
    return parseOptions(text);
  } catch (error) {
    throw valueError((error as Error).message);
  }
}
