import { parseArgs } from "node:util";
import { printTable } from "../bench/table.ts";
import { ROTATIONS, type Rotation, stressRotation } from "./rotation-stress.ts";

/**
 * `npm run stress [-- KIND …] [-- --lines N --rotations N --seed N --backend pyinotify|polling]`: numbered lines
 * through rotations of each kind, by inotify and by polling; fails when a line is lost or comes twice.
 */

const { values, positionals } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    rotations: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    backend: { type: "string", multiple: true, default: ["pyinotify", "polling"] },
  },
  allowPositionals: true,
});
const kinds = positionals.length > 0 ? (positionals as Rotation[]) : ROTATIONS;
const unknown = [
  ...kinds.filter((kind) => !ROTATIONS.includes(kind)),
  ...values.backend.filter((backend) => backend !== "pyinotify" && backend !== "polling"),
];
if (unknown.length > 0) {
  console.error(`no such rotation or backend: ${unknown.join(", ")}; there are ${ROTATIONS.join(", ")}`);
  process.exit(2);
}

const rows: string[][] = [];
for (const backend of values.backend as ("pyinotify" | "polling")[]) {
  for (const kind of kinds) {
    const [lines, rotations, seed] = [values.lines, values.rotations, values.seed].map(Number) as [
      number,
      number,
      number,
    ];
    const result = await stressRotation({ kind, backend, lines, rotations, seed });
    const verdict = result.faults.length === 0 ? "good" : `BAD: ${result.faults.join("; ")}`;
    rows.push([
      backend,
      kind,
      ...[result.lines, result.rotations, result.lost, result.sameInode].map(String),
      result.seconds.toFixed(1),
      verdict,
    ]);
    if (result.faults.length > 0) process.exitCode = 1;
  }
}
printTable(
  `Numbered lines through rotations, seed ${values.seed}`,
  [
    "backend",
    "rotation",
    "lines read",
    "rotations",
    "lost by truncation",
    "same inode",
    "seconds",
    "verdict",
  ],
  rows,
);
