import { timingSafeEqual } from "node:crypto";
import { type FileTransfer, fileOfId, idOfFile } from "../core/file-transfer.ts";
import type { Storage } from "../storage/storage.ts";
import type { Sealer } from "./seal.ts";

/** What lets the node that runs a job have the files of one of its transfers, and nothing else. */
export interface FileGrant {
  jobId: string;
  /** `upload` lets it read, `download` write as well. */
  operation: FileTransfer["operation"];
  /** In the storage folder: this, and what is in it. */
  path: string;
}

/** Travels sealed, with the job. Whoever has the secret key can check it, so no store has to know of it. */
export function issueGrant(sealer: Sealer, grant: FileGrant): string {
  return `${grant.jobId}.${grant.operation}.${idOfFile(grant.path)}.${proofOf(sealer, grant)}`;
}

/** Null: it is not one of ours. */
export function readGrant(sealer: Sealer, text: string): FileGrant | null {
  const [jobId = "", operation = "", id = "", proof = ""] = text.split(".");
  const path = fileOfId(id);
  if (path === null || (operation !== "upload" && operation !== "download")) return null;
  const grant = { jobId, operation, path } as const;
  const [given, right] = [Buffer.from(proof), Buffer.from(proofOf(sealer, grant))];
  return given.length === right.length && timingSafeEqual(given, right) ? grant : null;
}

/** The same, and its job runs. */
export async function validGrant(
  { sealer, storage }: { sealer: Sealer; storage: Pick<Storage, "get"> },
  text: string,
): Promise<FileGrant | null> {
  const grant = readGrant(sealer, text);
  if (grant === null) return null;
  const [job] = await storage.get({ ids: [grant.jobId] });
  return job?.status === "started" ? grant : null;
}

/** Whether what is asked for is within it. */
export function covers(grant: FileGrant, asked: { path: string; write: boolean }): boolean {
  const { path, operation } = grant;
  if (asked.write && operation !== "download") return false;
  return asked.path === path || asked.path.startsWith(`${path}/`);
}

function proofOf(sealer: Sealer, { jobId, operation, path }: FileGrant): string {
  return sealer.fingerprint(`file grant\0${jobId}\0${operation}\0${path}`);
}
