import { Identifier } from "../net/identifier.ts";
import { repr } from "../pyvalue/repr.ts";
import { PyTuple } from "../pyvalue/value.ts";
import type { Failure, FailureData, FailureValue } from "./failure.ts";
import { ownText } from "./own-text.ts";
import type { UseDns } from "./tags.ts";

/**
 * Whom the captured groups are about; `null` when they say nothing, or name a host that must not be resolved.
 * When a separate identifier was captured, the address goes to `data.ip`.
 */
export function subjectOf(data: FailureData, useDns: UseDns): Failure["subject"] | null {
  const raw = useDns === "raw";
  const address = addressOf(data, raw);
  if (address === "host") {
    const name = data["dns"] as string;
    const literal = Identifier.parse(name);
    if (literal.isSingle) return { id: literal };
    return useDns === "no" ? null : { hostName: name };
  }
  const fid = textOf(data["fid"]);
  if (address !== null && (fid === null || fid === address.text)) return { id: address };
  if (fid === null) return null;
  if (address !== null) data["ip"] = address.text;
  return { id: raw ? Identifier.raw(fid) : Identifier.parse(fid) };
}

function addressOf(data: FailureData, raw: boolean): Identifier | "host" | null {
  const cidr = textOf(data["cidr"]);
  const ip4 = textOf(data["ip4"]);
  if (ip4 !== null) return cidr === null ? address4(ip4) : Identifier.parse(ip4, { family: "inet4", cidr });
  const ip6 = textOf(data["ip6"]);
  if (ip6 !== null) return Identifier.parse(ip6, { family: "inet6", cidr });
  const name = textOf(data["dns"]);
  if (name === null) return null;
  return raw ? Identifier.raw(name) : "host";
}

/** A captured text, a tuple as Python prints it; `null` for nothing. */
function textOf(value: FailureValue | undefined): string | null {
  if (Array.isArray(value)) return repr(new PyTuple(...(value as (string | null)[])));
  return typeof value === "string" && value !== "" ? value : null;
}

/** The same few addresses turn up again and again. */
const recent = new Map<string, Identifier>();
const MOST_RECENT = 4096;

function address4(text: string): Identifier {
  const known = recent.get(text);
  if (known) return known;
  const id = Identifier.parse(text, { family: "inet4", cidr: null });
  if (recent.size >= MOST_RECENT) recent.clear();
  recent.set(ownText(text), id);
  return id;
}
