/** First descriptor that a service manager hands over. */
const FIRST_FD = 3;

/** Whether a service manager (systemd) handed sockets to the process with this number. */
export function isActivated(env: NodeJS.ProcessEnv, pid: number): boolean {
  return env.LISTEN_PID !== undefined && Number(env.LISTEN_PID) === pid && env.LISTEN_FDS !== undefined;
}

/**
 * The descriptor of a listening socket that the service manager opened for this process, or `null`.
 * It is the one named `fail2ban` in `LISTEN_FDNAMES`, else the first. The variables are removed from `env`, so
 * that child processes do not take the socket for theirs.
 */
export function takeInheritedSocket(env: NodeJS.ProcessEnv, pid: number): number | null {
  if (!isActivated(env, pid)) return null;
  const { LISTEN_FDS, LISTEN_FDNAMES } = env;
  delete env.LISTEN_PID;
  delete env.LISTEN_FDS;
  delete env.LISTEN_FDNAMES;
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 1) return null;
  const named = (LISTEN_FDNAMES ?? "").split(":").indexOf("fail2ban");
  return FIRST_FD + Math.min(Math.max(named, 0), count - 1);
}
