import { open, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { DeviceError } from "../../../core/errors.ts";
import type { TlsTerms } from "../../driver.ts";

/** A bundle of all public authorities is a quarter of that. */
const MAX_FILE = 1024 * 1024;

/** A file of the node's folder of certificates. Rejects with a `CredentialError`; links that lead out are not followed. */
export async function readCertificate({ dir }: TlsTerms, name: string, field: string): Promise<string> {
  if (dir === null) throw refused(field, "names a file, but the node has no tls.dir for such files");
  const folder = await realpath(dir).catch(() => null);
  if (folder === null) throw refused(field, "cannot be read: tls.dir of the node is not there");
  const path = await realpath(resolve(folder, name)).catch(() => null);
  if (path === null) throw refused(field, "names no file in tls.dir of the node");
  if (!path.startsWith(folder + sep)) throw refused(field, "leads out of tls.dir of the node");
  return await readBounded(path, field);
}

async function readBounded(path: string, field: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (file === null) throw refused(field, "names a file that the node may not read");
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > MAX_FILE)
      throw refused(field, "names no file of a certificate or key");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function refused(field: string, why: string): DeviceError {
  return new DeviceError("CredentialError", `connection_args.${field} ${why}`);
}
