import {
  type FileTransfer,
  type FileWriter,
  idOfFile,
  localNameProblem,
  urlOfFile,
} from "../../../src/device/driver.ts";
import { problem } from "../../../src/device/transport/sftp.ts";
import { hasHash, hashOf } from "./hash.ts";
import { localProblem, onFile } from "./local.ts";
import { readAhead, readToEnd } from "./read.ts";
import { Budget, Progress, type Site, type Told } from "./site.ts";

/** Brings a file, or a folder, from the host. Nothing that a host says makes a path of ours but plain names. */
export async function* download(site: Site, transfer: FileTransfer): AsyncGenerator<Told> {
  const { local_path: local, remote_path: remote, recursive } = transfer;
  const found = await site.sftp.stat(remote);
  if (found === null) throw problem(remote, "is not there");
  if (found.kind === "file") return yield* downloadFile(site, transfer, { local, remote, size: found.size });
  if (found.kind !== "folder") throw problem(remote, "is neither a file nor a folder");
  if (recursive !== true) throw problem(remote, "is a folder; it takes recursive: true");
  yield* downloadFolder(site, transfer, { local, remote, depth: 0, budget: new Budget() });
}

interface Folder {
  local: string;
  remote: string;
  depth: number;
  budget: Budget;
}

/** Links are left out: they lead anywhere, and in circles. */
async function* downloadFolder(site: Site, transfer: FileTransfer, at: Folder): AsyncGenerator<Told> {
  const { local, depth, budget } = at;
  const base = at.remote.replace(/\/+$/, "");
  for (const name of (await site.sftp.list(at.remote)).sort()) {
    const remote = `${base}/${name}`;
    const wrong = budget.take(depth) ?? localNameProblem(name);
    if (wrong !== null) throw problem(remote, wrong);
    const found = await site.sftp.lstat(remote);
    const inner = { local: `${local}/${name}`, remote };
    if (found?.kind === "folder") {
      yield* downloadFolder(site, transfer, { ...inner, depth: depth + 1, budget });
    } else if (found?.kind === "file") {
      if (!budget.fits(found.size, site.files.maxSize)) {
        throw problem(at.remote, `holds more than storage_files.max_size (${site.files.maxSize} bytes)`);
      }
      yield* downloadFile(site, transfer, { ...inner, size: found.size });
    } else if (found !== null) {
      yield { event: "skipped", path: remote, reason: found.kind === "link" ? "link" : "special" };
    }
  }
}

interface Wanted {
  local: string;
  remote: string;
  size: number;
}

async function* downloadFile(site: Site, transfer: FileTransfer, wanted: Wanted): AsyncGenerator<Told> {
  const { local, remote, size } = wanted;
  const { files } = site;
  const byHash = transfer.sync_mode === "hash";
  if (transfer.overwrite === false && (await onFile(local, files.stat(local))) !== null) {
    throw localProblem(local, "is there already, and overwrite is false");
  }
  if (size > files.maxSize)
    throw problem(remote, `is larger than storage_files.max_size (${files.maxSize} bytes)`);
  if (byHash && (await isSame(site, wanted))) {
    return yield { event: "skipped", path: local, reason: "same" };
  }
  const resume = transfer.resume === true;
  const writer = await onFile(local, files.create(local, { resume }));
  try {
    if (writer.size > 0 && !(await fits(site, wanted, writer))) await writer.restart();
    const start = writer.size;
    yield* fetchRest(site, wanted, writer);
    const verified = byHash || transfer.verify_file === true;
    const sha256 = verified
      ? await hashOf((offset, length) => writer.read(offset, length), writer.size)
      : null;
    if (sha256 !== null && !(await hasHash(site, remote, writer.size, sha256)))
      throw problem(remote, "has changed while it was read");
    const bytes = writer.size;
    await onFile(local, writer.commit());
    const where = { path: local, id: idOfFile(local), download_url: urlOfFile(local) };
    const told = { event: "done", ...where, bytes, resumed_at: start } as const;
    yield sha256 === null ? told : { ...told, sha256 };
  } finally {
    await writer.close({ keep: resume });
  }
}

async function isSame(site: Site, { local, remote, size }: Wanted): Promise<boolean> {
  const found = await onFile(local, site.files.stat(local));
  if (found?.kind !== "file" || found.size !== size) return false;
  const reader = await onFile(local, site.files.open(local));
  try {
    const ours = await hashOf((offset, length) => reader.read(offset, length), size);
    return await hasHash(site, remote, size, ours);
  } finally {
    await reader.close();
  }
}

/** Whether what is there of a file is what the host's begins with. */
async function fits(site: Site, { remote, size }: Wanted, writer: FileWriter): Promise<boolean> {
  if (writer.size > size) return false;
  const ours = await hashOf((offset, length) => writer.read(offset, length), writer.size);
  return hasHash(site, remote, writer.size, ours);
}

/** Taken in their order, so that what is there is whole up to its end. */
async function* fetchRest({ sftp, clock }: Site, wanted: Wanted, writer: FileWriter): AsyncGenerator<Told> {
  const { local, remote, size } = wanted;
  const progress = new Progress(clock, local, size);
  const rest =
    size === 0 ? readToEnd(sftp, remote) : readAhead(sftp, remote, { start: writer.size, end: size });
  for await (const bytes of rest) {
    await onFile(local, writer.append(bytes));
    yield* progress.at(writer.size);
  }
  if (writer.size < size) throw problem(remote, "has become shorter while it was read");
}
