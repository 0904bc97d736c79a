import { Identifier } from "../net/identifier.ts";
import { ownText } from "../pyvalue/own-text.ts";
import { repr } from "../pyvalue/repr.ts";
import { PyTuple } from "../pyvalue/value.ts";
import type { Identity } from "./captured.ts";
import type { Failure, FailureValue } from "./failure.ts";
import { KnownAddress } from "./known-address.ts";
import type { UseDns } from "./tags.ts";

/** Whom a failure is about. */
export interface Whom {
  readonly subject: Failure["subject"];
  /** The address, where a separate identifier takes its place. */
  readonly ip: string | null;
}

/** Whom captured groups are about; `null` when they say nothing, or name a host that must not be resolved. */
export function whomOf(who: Identity, useDns: UseDns): Whom | null {
  if (who instanceof KnownAddress) return who;
  const address = addressOf(who);
  const name = address === null ? textOf(who.dns) : null;
  if (name !== null && useDns !== "raw") return hostOf(name, useDns);
  const named = name === null ? address : whom(Identifier.raw(name));
  const fid = textOf(who.fid);
  if (fid === null) return named;
  const text = named === null ? null : (named.subject as { id: Identifier }).id.text;
  if (fid === text) return named;
  return whom(useDns === "raw" ? Identifier.raw(fid) : Identifier.parse(fid), text);
}

function addressOf(who: Identity): Whom | null {
  const ip4 = textOf(who.ip4);
  const text = ip4 ?? textOf(who.ip6);
  if (text === null) return null;
  const family = ip4 === null ? "inet6" : "inet4";
  return whom(Identifier.parse(ownText(text), { family, cidr: textOf(who.cidr) }));
}

function hostOf(name: string, useDns: UseDns): Whom | null {
  const literal = Identifier.parse(name);
  if (literal.isSingle) return whom(literal);
  return useDns === "no" ? null : { subject: { hostName: ownText(name) }, ip: null };
}

/** Whom an identifier is about. */
function whom(id: Identifier, ip: string | null = null): Whom {
  return { subject: { id }, ip };
}

/** A captured text, a tuple as Python prints it; `null` for nothing. */
function textOf(value: FailureValue): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  if (!Array.isArray(value)) return null;
  return repr(new PyTuple(...(value as (string | null)[])));
}
