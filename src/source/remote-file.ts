import { statfs } from "node:fs";
import { promisify } from "node:util";

const statFileSystem = promisify(statfs);

/**
 * File systems by their numbers in Linux (`f_type`) to which others may write without this machine's kernel hearing of
 * it, so that it tells of nothing.
 */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, "nfs"],
  [0xff534d42, "cifs"],
  [0xfe534d42, "smb2"],
  [0x517b, "smb"],
  [0x65735546, "fuse"],
  [0x01021997, "9p"],
  [0x00c36400, "ceph"],
  [0x5346414f, "afs"],
  [0x6b414653, "kafs"],
  [0x786f4256, "vboxsf"],
  [0xbacbacbc, "vmhgfs"],
  [0x47504653, "gpfs"],
  [0x0bd00bd0, "lustre"],
]);

/** The number of the file system in which a file lies. @throws the system's error */
export async function fileSystemOf(path: string): Promise<number> {
  return (await statFileSystem(path)).type;
}

/** Whether changes to files of such a file system may go unnoticed, and they have to be looked at. */
export function isRemote(fileSystem: number): boolean {
  // Some systems give the number with a sign.
  return REMOTE.has(fileSystem >>> 0);
}
