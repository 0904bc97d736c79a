import { keyError, valueError } from "../pyvalue/errors.ts";
import { reprString } from "../pyvalue/repr.ts";
import { readDigits } from "./digits.ts";

/** Offsets from UTC in minutes, with the abbreviations that stand for them. Summer time has names of its own. */
const ABBREVIATIONS: readonly (readonly [minutes: number, names: string])[] = [
  [-720, "Y"],
  [-660, "NUT SST X"],
  [-600, "CKT HAST HST TAHT TKT W"],
  [-570, "MART MIT"],
  [-540, "AKST GAMT GIT HADT HNY V"],
  [-480, "AKDT CIST HAY HNP PST PT U"],
  [-420, "HAP HNR MST PDT T"],
  [-360, "CST EAST GALT HAR HNC MDT S"],
  [-300, "CDT COT EASST ECT EST ET HAC HNE PET R"],
  [-270, "HLV VET"],
  [-240, "AST BOT CLT COST EDT FKT GYT HAE HNA PYT Q"],
  [-210, "HNT NST NT"],
  [-180, "ADT ART BRT CLST FKST GFT HAA P PMST PYST SRT UYT WGT"],
  [-150, "HAT NDT"],
  [-120, "BRST FNT O PMDT UYST WGST"],
  [-60, "AZOT CVT EGT N"],
  [0, "EGST GMT UTC WET WT Z"],
  [60, "A CET DFT WAT WEDT WEST"],
  [120, "B CAT CEDT CEST EET SAST WAST"],
  [180, "C EAT EEDT EEST IDT MSK"],
  [210, "IRST"],
  [240, "AMT AZT D GET GST KUYT MSD MUT RET SAMT SCT"],
  [270, "AFT IRDT"],
  [300, "AMST AQTT AZST E HMT MAWT MVT PKT TFT TJT TMT UZT YEKT"],
  [330, "SLT"],
  [345, "NPT"],
  [360, "ALMT BIOT BTT F IOT KGT NOVT OMST YEKST"],
  [390, "CCT MMT"],
  [420, "CXT DAVT G HOVT ICT KRAT NOVST OMSST THA WIB"],
  [480, "ACT AWST BDT BNT CAST H HKT IRKT KRAST MYT PHT SGT ULAT WITA WST"],
  [540, "AWDT I IRKST JST KST PWT TLT WDT WIT YAKT"],
  [570, "ACST"],
  [600, "AEST ChST K PGT VLAT YAKST YAPT"],
  [630, "ACDT LHST"],
  [660, "AEDT L LHDT MAGT NCT PONT SBT VLAST VUT"],
  [690, "NFT"],
  [720, "ANAST ANAT FJT GILT M MAGST MHT NZST PETST PETT TVT WFT"],
  [780, "FJST NZDT"],
];

const OFFSETS: ReadonlyMap<string, number> = new Map(
  ABBREVIATIONS.flatMap(([minutes, names]) => names.split(" ").map((name) => [name, minutes] as const)),
);

/** `CEST`, `+02:00`, `UTC-5` … : letters, an offset, or both. */
const ZONE = /^([A-Z]|[A-Z]{3,5})?(?:([+-])([01]\p{Nd})(?::?(\p{Nd}{2}))?)?$/u;

/** Why a text gives no offset from UTC. */
export type ZoneProblem =
  /** It has not the form of a zone. */
  | { readonly kind: "malformed" }
  /** It has the form of a zone, but nobody knows these letters. */
  | { readonly kind: "unknown"; readonly letters: string };

/**
 * Reads a zone as it stands in logs: letters, an offset `±hh[[:]mm]`, or both, which are added.
 *
 * @returns minutes east of UTC, or why there are none
 * @example readZone("CET") // 60
 * @example readZone("UTC-0330") // -210
 */
export function readZone(text: string): number | ZoneProblem {
  const match = text === "" ? null : ZONE.exec(text);
  if (!match) return { kind: "malformed" };
  const [, letters = "", sign, hours = "", minutes = ""] = match;
  const base = letters === "" ? 0 : OFFSETS.get(letters);
  if (base === undefined) return { kind: "unknown", letters };
  const offset = readDigits(hours) * 60 + readDigits(minutes);
  return sign === "-" ? base - offset : base + offset;
}

/**
 * Reads a value of the option `logtimezone`.
 *
 * @returns minutes east of UTC
 * @throws {PyError} a `ValueError` when the value has not the form of a zone, a `KeyError` for unknown letters
 */
export function parseLogTimeZone(value: string): number {
  const zone = readZone(value);
  if (typeof zone === "number") return zone;
  if (zone.kind === "unknown") throw keyError(zone.letters);
  throw valueError(`Unknown or unsupported time zone: ${reprString(value)}`);
}

/** Clock times change their offset at quarters of an hour only; in seconds. */
const BLOCK = 900;
/** By so many seconds clocks are put back in autumn. */
const REPETITIONS = [3600, 1800, 7200];
/** Clocks of other machines may be so many seconds ahead. */
const TOLERANCE = 60;
/** Since 1980 that holds everywhere; in seconds since 1970. */
const REGULAR_FROM = 315_532_800;

/**
 * The system's zone. Times on the wall clock are written as the seconds from 1970-01-01 00:00 to them on that
 * same clock, "wall seconds".
 *
 * It remembers the offset of the last quarter of an hour, as lines of a log are close to one another.
 */
export class LocalZone {
  #wallBlock = Number.NaN;
  #wallOffset = 0;
  #wallRepetition = 0;
  #epochBlock = Number.NaN;
  #epochOffset = 0;

  /**
   * The time at which the wall clock shows this. In the hour that is skipped in spring the offset from before
   * the change counts; of the hour that is repeated in autumn it is the second one, unless that is still to come.
   *
   * @param now the present, seconds since 1970 UTC
   * @returns seconds since 1970 UTC
   */
  toEpoch(wall: number, now: number): number {
    if (wall < REGULAR_FROM) return localToEpoch(wall);
    this.#look(wall);
    const first = wall - this.#wallOffset;
    const second = first + this.#wallRepetition;
    return second <= now + TOLERANCE ? second : first;
  }

  /** Whether the wall clock shows this twice, so that what it means depends on the present. */
  isRepeated(wall: number): boolean {
    if (wall < REGULAR_FROM) return false;
    this.#look(wall);
    return this.#wallRepetition > 0;
  }

  #look(wall: number): void {
    const block = Math.floor(wall / BLOCK);
    if (block === this.#wallBlock) return;
    const epoch = localToEpoch(wall);
    this.#wallBlock = block;
    this.#wallOffset = wall - epoch;
    this.#wallRepetition =
      REPETITIONS.find((seconds) => epoch + seconds + offsetAt(epoch + seconds) === wall) ?? 0;
  }

  /** What the wall clock shows at the given time (seconds since 1970 UTC, with fraction). */
  toWall(epoch: number): number {
    const block = Math.floor(epoch / BLOCK);
    if (block !== this.#epochBlock) {
      this.#epochBlock = block;
      this.#epochOffset = offsetAt(epoch);
    }
    return epoch + this.#epochOffset;
  }
}

/** Seconds by which the wall clock is ahead of UTC. */
function offsetAt(epoch: number): number {
  return -60 * new Date(epoch * 1000).getTimezoneOffset();
}

function localToEpoch(wall: number): number {
  const utc = new Date(wall * 1000);
  const local = new Date(2000, 0, 1, utc.getUTCHours(), utc.getUTCMinutes(), utc.getUTCSeconds());
  // The constructor would take the years 0 to 99 for 1900 to 1999, and the time must be set last.
  local.setFullYear(utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate());
  local.setHours(utc.getUTCHours(), utc.getUTCMinutes(), utc.getUTCSeconds());
  return local.getTime() / 1000;
}
