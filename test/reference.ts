import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The reference: Debian's packages of fail2ban, unpacked into temporary folders and run as black boxes beside ours. */

/** Programs of the package. */
export type ReferenceProgram = "fail2ban-client" | "fail2ban-server" | "fail2ban-regex";

/** One release of the package. */
export class Reference {
  readonly release: string;
  readonly #folder: string;
  readonly #script: string;
  #missing: string | false | null = null;

  /** @param script that unpacks the package into `folder` */
  constructor(release: string, folder: string, script: string) {
    this.release = release;
    this.#folder = folder;
    this.#script = script;
  }

  /** The stock configuration tree (input for tests, never to be changed), or `null` where the package is not. */
  tree(): string | null {
    const tree = join(this.#folder, "etc/fail2ban");
    return existsSync(tree) ? tree : null;
  }

  /** For node:test's `skip` option: a reason when the package cannot be run, else `false`. */
  skip(): string | false {
    this.#missing ??= this.#reason();
    return this.#missing;
  }

  #reason(): string | false {
    if (!existsSync(join(this.#folder, "usr/bin/fail2ban-client")))
      return `fail2ban ${this.release} is not unpacked (${this.#script})`;
    const { command, env } = this.command("fail2ban-client");
    // Its modules do not load in every release of Python.
    const program = "import fail2ban.server.server; print(fail2ban.version.version)";
    const { error, stdout, stderr } = spawnSync(command, ["-c", program], { env, encoding: "utf8" });
    if (error) return "python3 is missing";
    const found = stdout.trim();
    if (found === "")
      return `fail2ban ${this.release} does not run here: ${stderr.trim().split("\n").at(-1)}`;
    return found === this.release ? false : `fail2ban ${found} is unpacked where ${this.release} is expected`;
  }

  /** Command line and environment that run one of the package's programs. */
  command(
    program: ReferenceProgram,
    ...args: string[]
  ): { command: string; args: string[]; env: NodeJS.ProcessEnv } {
    return {
      command: "python3",
      args: [join(this.#folder, "usr/bin", program), ...args],
      env: {
        ...process.env,
        PYTHONPATH: join(this.#folder, "usr/lib/python3/dist-packages"),
        PYTHONDONTWRITEBYTECODE: "1",
      },
    };
  }
}

function folder(variable: string, name: string): string {
  return process.env[variable] ?? join(tmpdir(), name);
}

/** Debian 12's package, against which everything is compared that names no other. */
export const REFERENCE = new Reference(
  "1.0.2",
  folder("F2B_REFERENCE", "fail2ban-ts-reference"),
  "scripts/reference",
);

/** Debian 13's package. */
export const NEWER_REFERENCE = new Reference(
  "1.1.0",
  folder("F2B_NEWER_REFERENCE", "fail2ban-ts-reference-trixie"),
  "scripts/newer-reference",
);

/** The stock configuration tree of {@link REFERENCE}, or `null`. */
export function referenceTree(): string | null {
  return REFERENCE.tree();
}

/** For node:test's `skip` option: a reason when {@link REFERENCE} cannot be run, else `false`. */
export function skipWithoutReference(): string | false {
  return REFERENCE.skip();
}

/** Command line and environment that run one of the programs of {@link REFERENCE}. */
export function referenceCommand(
  program: ReferenceProgram,
  ...args: string[]
): ReturnType<Reference["command"]> {
  return REFERENCE.command(program, ...args);
}
