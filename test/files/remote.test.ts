import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { FileFolder } from "../../src/core/files.ts";
import { openFileFolder } from "../../src/files/folder.ts";
import { RemoteFolder, type RemoteTerms } from "../../src/files/remote.ts";
import { TestApi } from "../api/client.ts";
import { FakeClock } from "../support/clock.ts";
import { freePort } from "../support/ports.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

setDefaultTimeout(30_000);

const MiB = 1024 * 1024;
const MAX = 12 * MiB;
let there: TempDir;
let here: TempDir;
let theirs: FileFolder;
let own: FileFolder;
let api: TestApi;
let server: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  [there, here] = [tempDir("api-files"), tempDir("node-files")];
  theirs = await openFileFolder({ dir: there.path, maxSize: MAX });
  own = await openFileFolder({ dir: here.path, maxSize: MAX });
  api = new TestApi({}, [], theirs);
  api.engine.grants.set("up", { jobId: "job_1", operation: "upload", path: "uploads/a" });
  api.engine.grants.set("down", { jobId: "job_1", operation: "download", path: "downloads/b" });
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => api.api.handle(request) });
});
afterAll(async () => {
  await server?.stop(true);
  there?.remove();
  here?.remove();
});

function remote(grant: string, more: Partial<RemoteTerms> = {}): RemoteFolder {
  const { signal } = new AbortController();
  const url = `http://127.0.0.1:${server.port}/`;
  return new RemoteFolder({ url, grant, folder: theirs.id, own, clock: new FakeClock(), signal, ...more });
}

function bytes(size: number): Buffer {
  const data = Buffer.alloc(size);
  for (let at = 0; at < size; at += 65_536)
    crypto.getRandomValues(data.subarray(at, Math.min(at + 65_536, size)));
  return data;
}

async function readAll(folder: FileFolder, path: string, length = 300_000): Promise<Buffer> {
  const reader = await folder.open(path);
  const pieces: Uint8Array[] = [];
  for (let at = 0; ; ) {
    const piece = await reader.read(at, length);
    if (piece.length === 0) break;
    pieces.push(piece);
    at += piece.length;
  }
  await reader.close();
  return Buffer.concat(pieces);
}

test("a node reads what is with the API, file by file and folder by folder", async () => {
  const data = bytes(9 * MiB + 5);
  await Bun.write(there.file("uploads/a/big"), data);
  await Bun.write(there.file("uploads/a/sub/ü b"), "small");
  await Bun.write(there.file("uploads/a/empty"), "");
  const folder = remote("up");
  expect(folder).toMatchObject({ id: theirs.id, maxSize: MAX });
  expect(await folder.list("uploads/a")).toEqual(["big", "empty", "sub"]);
  expect(await folder.stat("uploads/a/sub")).toMatchObject({ kind: "folder" });
  expect(await folder.stat("uploads/a/big")).toMatchObject({ kind: "file", size: data.length });
  expect(await folder.stat("uploads/a/none")).toBeNull();
  expect((await readAll(folder, "uploads/a/big")).equals(data)).toBe(true);
  expect((await readAll(folder, "uploads/a/sub/ü b")).toString()).toBe("small");
  expect(await readAll(folder, "uploads/a/empty")).toHaveLength(0);
  const reader = await folder.open("uploads/a/big");
  for (const at of [8 * MiB, 100, 4 * MiB - 3, 9 * MiB]) {
    expect(Buffer.from(await reader.read(at, 10)).equals(data.subarray(at, at + 10))).toBe(true);
  }
});

test("a file that changes while it is read is not mixed with what it was", async () => {
  await Bun.write(there.file("uploads/a/moving"), bytes(5 * MiB));
  const reader = await remote("up").open("uploads/a/moving");
  await reader.read(0, 10);
  await Bun.write(there.file("uploads/a/moving"), bytes(5 * MiB + 1));
  await expect(reader.read(4 * MiB + 10, 10)).rejects.toThrow("has changed while it was read");
  await expect(remote("up").open("uploads/a/none")).rejects.toThrow("is not in the storage folder");
  await expect(remote("up").open("uploads/a/sub")).rejects.toThrow("is not a file");
});

test("a node writes a file to the API when it is whole, and goes on with what it has of it", async () => {
  const data = bytes(5 * MiB + 3);
  const folder = remote("down");
  const first = await folder.create("downloads/b/file", { resume: true });
  await first.append(data.subarray(0, 2 * MiB));
  await first.close({ keep: true });
  expect(await theirs.stat("downloads/b/file")).toBeNull();
  const second = await folder.create("downloads/b/file", { resume: true });
  expect(second.size).toBe(2 * MiB);
  await second.append(data.subarray(2 * MiB));
  await second.commit();
  await second.close({ keep: true });
  expect((await readAll(theirs, "downloads/b/file")).equals(data)).toBe(true);
  expect(await own.list("downloads/b")).toEqual([]);
  const empty = await folder.create("downloads/b/empty", { resume: false });
  await empty.commit();
  expect(await theirs.stat("downloads/b/empty")).toMatchObject({ size: 0 });
});

test("a node has nothing but what its job is about, while that runs", async () => {
  const refused = "no job that runs has this file";
  await expect(remote("up").stat("downloads/b/file")).rejects.toThrow(refused);
  await expect(remote("none").stat("uploads/a/big")).rejects.toThrow(refused);
  await expect(remote("up").stat("uploads/ab")).rejects.toThrow(refused);
  const writer = await remote("up").create("uploads/a/mine", { resume: false });
  await expect(writer.commit()).rejects.toThrow(refused);
  await writer.close({ keep: false });
  await expect(remote("down").remove()).rejects.toThrow();
  const response = await fetch(`http://127.0.0.1:${server.port}/node/files/file_YQ/state`, {
    headers: { "x-api-key": api.deps.apiKey },
  });
  expect(response.status).toBe(401);
});

test("what is wrong is said: another API, none, a file that is too large, a run that is over", async () => {
  const other = remote("up", { folder: "another" });
  await expect(other.stat("uploads/a")).rejects.toThrow(
    "let storage_files.dir of all APIs be one shared folder",
  );
  const url = `http://127.0.0.1:${await freePort()}`;
  await expect(remote("up", { url }).stat("uploads/a")).rejects.toThrow(`could not be had from ${url}`);
  const ample = await openFileFolder({ dir: here.path, maxSize: 2 * MAX });
  const writer = await remote("down", { own: ample }).create("downloads/b/large", { resume: false });
  await writer.append(bytes(MAX + 1));
  await expect(writer.commit()).rejects.toThrow("storage_files.max_size");
  await writer.close({ keep: false });
  const stop = new Error("the job was aborted");
  await expect(remote("up", { signal: AbortSignal.abort(stop) }).stat("uploads/a")).rejects.toBe(stop);
});

test("an API that does not answer is not waited for for ever", async () => {
  const silent = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Promise<Response>(() => {}) });
  const clock = new FakeClock();
  const asked = remote("up", { url: `http://127.0.0.1:${silent.port}`, clock }).stat("uploads/a");
  asked.catch(() => {});
  await clock.advance(60_000);
  await expect(asked).rejects.toThrow("does not answer");
  await silent.stop(true);
});
