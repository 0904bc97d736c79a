/** First descriptor that a service manager hands over. */
const FIRST_FD = 3;

/**
 * The descriptor of a listening socket that the service manager (systemd) opened for this process, or `null`.
 * It is the one named `fail2ban` in `LISTEN_FDNAMES`, else the first. The variables are removed from `env`, so
 * that child processes do not take the socket for theirs.
 */
export function takeInheritedSocket(env: NodeJS.ProcessEnv, pid: number): number | null {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = env;
  if (LISTEN_PID === undefined || LISTEN_FDS === undefined || Number(LISTEN_PID) !== pid) return null;
  delete env.LISTEN_PID;
  delete env.LISTEN_FDS;
  delete env.LISTEN_FDNAMES;
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 1) return null;
  const named = (LISTEN_FDNAMES ?? "").split(":").indexOf("fail2ban");
  return FIRST_FD + Math.min(Math.max(named, 0), count - 1);
}
