import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { runClient } from "../../test/config-client.ts";
import { referenceTree } from "../../test/reference.ts";
import { shared, skipWithout } from "../../test/shared.ts";

/** Version with which the dumps were recorded. */
const VERSION = "1.1.2.dev1";

interface Run {
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

interface DumpCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly empty_files: readonly string[];
  readonly runs: readonly Run[];
}

interface StockCase extends Run {
  readonly "jail.local": string;
}

function jsonFiles(folder: string): string[] {
  const path = shared("golden", folder);
  return existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(".json")) : [];
}

function load<T>(folder: string, name: string): T {
  return JSON.parse(readFileSync(shared("golden", folder, name), "utf8")) as T;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function check(dir: string, run: Run): Promise<void> {
  const fill = (text: string) => text.replaceAll("{DIR}", dir).replaceAll("{VERSION}", VERSION);
  const result = await runClient(run.argv.map(fill), VERSION);
  assert.equal(result.stdout, fill(run.stdout));
  assert.equal(
    result.stderr,
    fill(run.stderr)
      .replaceAll(/^\{TIME\},\{MS\} /gm, "")
      .replaceAll("[{PID}]", ""),
  );
  assert.equal(result.exit, run.exit);
}

async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "f2b-config-"));
  try {
    await use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test("written configurations give the recorded streams", {
  skip: skipWithout("golden", "dump"),
}, async (t) => {
  for (const name of jsonFiles("dump")) {
    const golden = load<DumpCase>("dump", name);
    await t.test(golden.name, async () => {
      await withFolder(async (dir) => {
        for (const [path, text] of Object.entries(golden.files))
          write(join(dir, path), text.replaceAll("{DIR}", dir));
        for (const path of golden.empty_files) write(join(dir, path), "");
        for (const run of golden.runs) await check(dir, run);
      });
    });
  }
});

const STOCK = referenceTree();
const stockSkip =
  skipWithout("golden", "stock-dump") ||
  (STOCK === null && "the reference package is not unpacked (scripts/reference)");

test("the stock tree gives the recorded streams", { skip: stockSkip }, async (t) => {
  for (const name of jsonFiles("stock-dump")) {
    const golden = load<StockCase>("stock-dump", name);
    await t.test(name, async () => {
      await withFolder(async (dir) => {
        cpSync(STOCK ?? "", join(dir, "etc"), { recursive: true });
        rmSync(join(dir, "etc/jail.d"), { recursive: true });
        write(join(dir, "etc/jail.local"), golden["jail.local"].replaceAll("{DIR}", dir));
        write(join(dir, "x.log"), "");
        await check(dir, golden);
      });
    });
  }
});
