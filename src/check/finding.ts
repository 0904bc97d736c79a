import {
  type ConfigError,
  type ConfigPosition,
  describePosition,
  type JailDefinitionError,
} from "../config/config-error.ts";
import type { MergedOption } from "../config/merged.ts";

/** Something in the configuration that is wrong or probably not meant. */
export interface Finding {
  /** An error keeps a jail, or everything, from starting and fails a test; a warning does so only if asked for. */
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly position: ConfigPosition;
}

/** A warning about an option, or about a section if there is no option. */
export function warning(message: string, position: ConfigPosition): Finding {
  return { severity: "warning", message, position };
}

/** The finding for an error of the reader. */
export function errorFinding({ message, position }: ConfigError | JailDefinitionError): Finding {
  return { severity: "error", message, position };
}

/** Position of an option of a merged configuration. */
export function positionOf(section: string, option: string, raw: MergedOption | undefined): ConfigPosition {
  if (raw === undefined) return { section, option };
  return { section, option, file: raw.file, line: raw.line, value: String(raw.value ?? "") };
}

/** The finding as one line, without its severity. */
export function describeFinding({ message, position }: Finding): string {
  const expected = position.expected === undefined ? "" : `; expected ${position.expected}`;
  const place = describePosition(position);
  return `${place === "" ? "" : `${place}: `}${message.replaceAll(/\s*\n\s*/g, " ")}${expected}`;
}
