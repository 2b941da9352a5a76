import { randomBytes } from "node:crypto";
import type { FileReader, FileTransfer } from "../../../src/device/driver.ts";
import { CHUNK, problem, type RemoteState } from "../../../src/device/transport/sftp.ts";
import { hasHash, hashOf } from "./hash.ts";
import { localProblem, onFile } from "./local.ts";
import { Budget, PART_SUFFIX, Progress, type Site, type Told, WINDOW } from "./site.ts";

const DEFAULT_MODE = 0o644;

/** Brings a file, or a folder, to the host. */
export async function* upload(site: Site, transfer: FileTransfer): AsyncGenerator<Told> {
  const { local_path: local, remote_path: remote, recursive } = transfer;
  const found = await onFile(local, site.files.stat(local));
  if (found?.kind !== "folder") return yield* uploadFile(site, transfer, local, remote);
  if (recursive !== true) throw localProblem(local, "is a folder; it takes recursive: true");
  yield* uploadFolder(site, transfer, { local, remote, depth: 0, budget: new Budget() });
}

interface Folder {
  local: string;
  remote: string;
  depth: number;
  budget: Budget;
}

async function* uploadFolder(site: Site, transfer: FileTransfer, at: Folder): AsyncGenerator<Told> {
  const { local, remote, depth, budget } = at;
  const there = await site.sftp.stat(remote);
  if (there === null) await site.sftp.mkdir(remote);
  else if (there.kind !== "folder") throw problem(remote, "is there already, and is no folder");
  for (const name of await site.files.list(local)) {
    const over = budget.take(depth);
    if (over !== null) throw problem(remote, over);
    const inner = { local: `${local}/${name}`, remote: `${remote.replace(/\/+$/, "")}/${name}` };
    const found = await site.files.stat(inner.local);
    if (found?.kind === "folder") yield* uploadFolder(site, transfer, { ...inner, depth: depth + 1, budget });
    else if (found !== null) yield* uploadFile(site, transfer, inner.local, inner.remote);
  }
}

async function* uploadFile(
  site: Site,
  transfer: FileTransfer,
  local: string,
  remote: string,
): AsyncGenerator<Told> {
  const reader = await onFile(local, site.files.open(local));
  let part: string | null = null;
  try {
    const before = await targetOf(site, remote);
    if (before !== null && transfer.overwrite === false) {
      throw problem(remote, "is there already, and overwrite is false");
    }
    const byHash = transfer.sync_mode === "hash";
    const sha256 =
      byHash || transfer.verify_file === true
        ? await hashOf((offset, length) => reader.read(offset, length), reader.size)
        : null;
    if (
      byHash &&
      sha256 !== null &&
      before?.size === reader.size &&
      (await hasHash(site, remote, reader.size, sha256))
    ) {
      if (transfer.chmod !== undefined) await site.sftp.chmod(remote, Number.parseInt(transfer.chmod, 8));
      return yield { event: "skipped", path: remote, reason: "same" };
    }
    part = transfer.resume === true ? `${remote}${PART_SUFFIX}` : ownPart(remote);
    const start = await beginning(site, transfer, part, reader);
    yield* send(site, { part, start, reader, remote });
    await site.sftp.chmod(part, modeOf(transfer, before));
    const sent = await site.sftp.lstat(part);
    const right =
      sent?.size === reader.size && (sha256 === null || (await hasHash(site, part, reader.size, sha256)));
    if (!right) throw problem(part, "is not what was sent; is the disk full, or somebody else at it?");
    await site.sftp.replace(part, remote);
    const told = { event: "done", path: remote, bytes: reader.size, resumed_at: start } as const;
    part = null;
    yield sha256 === null ? told : { ...told, sha256 };
  } finally {
    await reader.close();
    // Gone already, or out of reach: then it stays, and no later attempt minds it.
    if (part !== null && transfer.resume !== true) await site.sftp.remove(part).catch(() => {});
  }
}

/** Two that bring the same file at once must not write the same part. */
function ownPart(remote: string): string {
  return `${remote}${PART_SUFFIX}-${randomBytes(6).toString("hex")}`;
}

async function targetOf({ sftp }: Site, remote: string): Promise<RemoteState | null> {
  const found = await sftp.lstat(remote);
  if (found === null || found.kind === "file") return found;
  throw problem(
    remote,
    found.kind === "folder"
      ? "is a folder; name the file that is to be in it"
      : "is a link or a device; name the file itself",
  );
}

function modeOf({ chmod }: FileTransfer, before: RemoteState | null): number {
  return chmod === undefined ? (before?.mode ?? DEFAULT_MODE) : Number.parseInt(chmod, 8);
}

/** Where to go on. What an earlier attempt has left counts only when it is the same as ours. */
async function beginning(
  site: Site,
  { resume }: FileTransfer,
  part: string,
  reader: FileReader,
): Promise<number> {
  const left = await site.sftp.lstat(part);
  if (left === null) return 0;
  if (left.kind !== "file") throw problem(part, "is in the way");
  if (resume === true && left.size > 0 && left.size <= reader.size) {
    const ours = await hashOf((offset, length) => reader.read(offset, length), left.size);
    if (await hasHash(site, part, left.size, ours)) return left.size;
  }
  await site.sftp.remove(part);
  return 0;
}

interface Sending {
  part: string;
  start: number;
  reader: FileReader;
  remote: string;
}

async function* send({ sftp, clock }: Site, sending: Sending): AsyncGenerator<Told> {
  const { part, start, reader, remote } = sending;
  const progress = new Progress(clock, remote, reader.size);
  const handle = await sftp.open(part, start > 0 ? "resume" : "create");
  const flying = new Set<Promise<void>>();
  try {
    for (let at = start; at < reader.size; ) {
      const bytes = await reader.read(at, Math.min(CHUNK, reader.size - at));
      if (bytes.length === 0) throw problem(remote, "was not written: the file has become shorter meanwhile");
      const write = sftp.write(part, handle, at, bytes).finally(() => flying.delete(write));
      // Whoever waits for it hears of a failure, be it the last of several.
      write.catch(() => {});
      flying.add(write);
      at += bytes.length;
      if (flying.size >= WINDOW) await Promise.race(flying);
      yield* progress.at(at);
    }
    await Promise.all(flying);
  } finally {
    await sftp.close(handle);
  }
}
