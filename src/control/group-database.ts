import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

/** Finds the number of a group; `null` when there is none of that name. */
export type FindGroup = (name: string) => Promise<number | null>;

/**
 * The number of a group of this system, by its name or as a number. Options are written in lower case, so a name that
 * differs only in that is taken too. Groups that no file lists (LDAP and the like) are asked for with `getent`.
 */
export async function findGroup(name: string, file = "/etc/group"): Promise<number | null> {
  if (/^\d+$/.test(name)) return Number(name);
  if (name === "" || /[/:\0]/.test(name)) return null;
  return findIn(readGroups(file), name) ?? findIn(await askSystem(name), name);
}

function findIn(groups: string, name: string): number | null {
  const lines = groups.split("\n").map((line) => line.split(":"));
  const same = (a: string) => a.toLowerCase() === name.toLowerCase();
  const found = lines.find(([group]) => group === name) ?? lines.find(([group = ""]) => same(group));
  const id = found?.[2] ?? "";
  return /^\d+$/.test(id) ? Number(id) : null;
}

function readGroups(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function askSystem(name: string): Promise<string> {
  return new Promise((resolve) => {
    execFile("getent", ["group", name], { timeout: 5000 }, (error, output) => resolve(error ? "" : output));
  });
}
