/** The three programs, as the built package has them in one file. Each loads what it needs when it is called. */

export async function client(): Promise<void> {
  await (await import("./run.ts")).run("fail2ban-client");
}

export async function server(): Promise<void> {
  await (await import("./run.ts")).run("fail2ban-server");
}

export async function regex(): Promise<void> {
  await (await import("./run-regex.ts")).runRegex();
}
