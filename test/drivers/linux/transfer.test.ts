import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { DeviceError, type FileFolder, type FileTransfer } from "../../../src/device/driver.ts";
import { openFileFolder } from "../../../src/files/folder.ts";
import { FakeClock } from "../../support/clock.ts";
import { type Dropbear, startDropbear } from "../../support/dropbear.ts";
import { mustAsRoot } from "../../support/process.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";
import { collect, type Ran } from "../support.ts";
import { connectTo } from "./support.ts";

setDefaultTimeout(30_000);

const MiB = 1024 * 1024;
let openssh: Sshd;
let dropbear: Dropbear;
let local: TempDir;
let files: FileFolder;
beforeAll(async () => {
  openssh = await startSshd();
  dropbear = await startDropbear();
  local = tempDir("files");
  files = await openFileFolder({ dir: local.path, maxSize: 8 * MiB });
});
afterAll(async () => {
  await openssh?.stop();
  await dropbear?.[Symbol.asyncDispose]();
  local?.remove();
});

/** Bytes of which no part is like another. */
function bytes(size: number): Buffer {
  const pieces = Array.from({ length: Math.ceil(size / 65_536) }, () =>
    crypto.getRandomValues(Buffer.alloc(65_536)),
  );
  return Buffer.concat(pieces).subarray(0, size);
}

describe.each(["OpenSSH", "Dropbear"])("files over %s", (name) => {
  const server = () => (name === "OpenSSH" ? openssh : dropbear);
  const home = () => server().account.home;
  /** Files of another user are looked at as root. */
  const remote = async (...command: string[]) => (await mustAsRoot(command)).trim();
  const remoteHash = async (path: string) => (await remote("sha256sum", `${home()}/${path}`)).slice(0, 64);
  const hash = (data: Uint8Array) => new Bun.CryptoHasher("sha256").update(data).digest("hex");
  const put = (path: string, data: Uint8Array) =>
    mustAsRoot(
      ["sh", "-c", `cat >'${home()}/${path}' && chown ${server().account.name} '${home()}/${path}'`],
      {
        stdin: data,
      },
    );

  async function transfer(...transfers: FileTransfer[]): Promise<Ran & { told: Record<string, unknown>[] }> {
    const session = await connectTo(server());
    const { signal } = new AbortController();
    const ran = await collect(session.transfer?.({ transfers, files: () => files, signal }) ?? []);
    await session.close();
    const lines = ran.outputs.flatMap(({ stdout }) => stdout.split("\n").filter(Boolean));
    return { ...ran, told: lines.map((line) => JSON.parse(line)) };
  }

  test.each([0, 1, 32_768, 32_769, 5 * MiB + 17])(
    "of %i bytes go up and come down as they are",
    async (size) => {
      const data = bytes(size);
      await Bun.write(local.file("up.bin"), data);
      const up = await transfer({ operation: "upload", local_path: "up.bin", remote_path: "up file.bin" });
      expect({ error: up.error, told: up.told.at(-1) }).toEqual({
        error: null,
        told: { event: "done", path: "up file.bin", bytes: size, resumed_at: 0 },
      });
      expect(await remoteHash("up file.bin")).toBe(hash(data));
      const down = await transfer({
        operation: "download",
        local_path: `down/${name}/back.bin`,
        remote_path: `${home()}/up file.bin`,
      });
      expect(down.error).toBeNull();
      expect(hash(await Bun.file(local.file(`down/${name}/back.bin`)).bytes())).toBe(hash(data));
      expect(down.told.at(-1)).toMatchObject({ bytes: size, id: expect.stringMatching(/^file_/) });
      await remote("rm", `${home()}/up file.bin`);
    },
  );

  test("have the mode that is asked for, or that they had, or an ordinary one", async () => {
    await Bun.write(local.file("mode"), "x");
    const mode = () => remote("stat", "-c", "%a", `${home()}/mode`);
    const up: FileTransfer = { operation: "upload", local_path: "mode", remote_path: "mode" };
    await transfer(up);
    expect(await mode()).toBe("644");
    await transfer({ ...up, chmod: "0750" });
    expect(await mode()).toBe("750");
    await transfer(up);
    expect(await mode()).toBe("750");
  });

  test("that are the same are left alone under hash, and others verified", async () => {
    const data = bytes(100_000);
    await Bun.write(local.file("same"), data);
    const up: FileTransfer = {
      operation: "upload",
      local_path: "same",
      remote_path: "same",
      sync_mode: "hash",
    };
    expect((await transfer(up)).told).toEqual([
      { event: "done", path: "same", bytes: 100_000, resumed_at: 0, sha256: hash(data) },
    ]);
    expect((await transfer(up)).told).toEqual([{ event: "skipped", path: "same", reason: "same" }]);
    const down: FileTransfer = { ...up, operation: "download" };
    expect((await transfer(down)).told).toEqual([{ event: "skipped", path: "same", reason: "same" }]);
    const other = bytes(100_000);
    await put("same", other);
    expect((await transfer(down)).told.at(-1)).toMatchObject({ event: "done", sha256: hash(other) });
    expect(hash(await Bun.file(local.file("same")).bytes())).toBe(hash(other));
  });

  test("go on where they broke off, unless what is there is something else", async () => {
    const data = bytes(3 * MiB);
    await Bun.write(local.file("big"), data);
    const up: FileTransfer = { operation: "upload", local_path: "big", remote_path: "big", resume: true };
    await put("big.netpulse-part", data.subarray(0, 2 * MiB));
    expect((await transfer(up)).told.at(-1)).toMatchObject({ bytes: 3 * MiB, resumed_at: 2 * MiB });
    expect(await remoteHash("big")).toBe(hash(data));
    await put("big.netpulse-part", bytes(2 * MiB));
    expect((await transfer(up)).told.at(-1)).toMatchObject({ resumed_at: 0 });
    expect(await remoteHash("big")).toBe(hash(data));

    const down: FileTransfer = { ...up, operation: "download", local_path: `${name}-big` };
    for (const [left, at] of [
      [data.subarray(0, MiB), MiB],
      [bytes(MiB), 0],
    ] as const) {
      const writer = await files.create(down.local_path, { resume: false });
      await writer.append(left);
      await writer.close({ keep: true });
      expect((await transfer(down)).told.at(-1)).toMatchObject({ bytes: 3 * MiB, resumed_at: at });
      expect(hash(await Bun.file(local.file(down.local_path)).bytes())).toBe(hash(data));
    }
  });

  test("are compared when verify_file says so, and replace nothing under overwrite: false", async () => {
    const data = bytes(70_000);
    await Bun.write(local.file("seen"), data);
    const up: FileTransfer = {
      operation: "upload",
      local_path: "seen",
      remote_path: "seen",
      verify_file: true,
    };
    const again = await transfer(up, up);
    expect(again.told.map(({ event, sha256 }) => [event, sha256])).toEqual([
      ["done", hash(data)],
      ["done", hash(data)],
    ]);
    const down: FileTransfer = { ...up, operation: "download", local_path: `${name}-seen` };
    expect((await transfer(down)).told.at(-1)).toMatchObject({
      sha256: hash(data),
      download_url: expect.stringMatching(/^\/storage\/file_/),
    });
    for (const [once, where] of [
      [up, "seen"],
      [down, down.local_path],
    ] as const) {
      const { error } = await transfer({ ...once, overwrite: false });
      expect((error as DeviceError).message).toContain(`"${where}" `);
      expect((error as DeviceError).message).toEndWith("is there already, and overwrite is false");
    }
  });

  test("of a folder are no more than one file may be", async () => {
    await remote("sh", "-c", `mkdir -p ${home()}/many && truncate -s 5M ${home()}/many/a ${home()}/many/b`);
    await remote("chmod", "-R", "a+rX", `${home()}/many`);
    const { error } = await transfer({
      operation: "download",
      local_path: `${name}-many`,
      remote_path: "many",
      recursive: true,
    });
    expect((error as DeviceError).message).toContain("holds more than storage_files.max_size");
  });

  test("in folders go with all that is in them, but for links and devices", async () => {
    for (const path of ["tree/a", "tree/sub/b", "tree/sub/deep/c"]) await Bun.write(local.file(path), path);
    const up: FileTransfer = {
      operation: "upload",
      local_path: "tree",
      remote_path: "tree",
      recursive: true,
    };
    expect((await transfer(up)).told.map(({ path }) => path)).toEqual([
      "tree/a",
      "tree/sub/b",
      "tree/sub/deep/c",
    ]);
    await remote("ln", "-s", "/etc/passwd", `${home()}/tree/link`);
    await remote("mkfifo", `${home()}/tree/pipe`);
    const back = `${name}-tree`;
    const { told, error } = await transfer({ ...up, operation: "download", local_path: back });
    expect(error).toBeNull();
    expect(told.map(({ event, path, reason }) => [event, path, reason])).toEqual([
      ["done", `${back}/a`, undefined],
      ["skipped", "tree/link", "link"],
      ["skipped", "tree/pipe", "special"],
      ["done", `${back}/sub/b`, undefined],
      ["done", `${back}/sub/deep/c`, undefined],
    ]);
    expect(await Bun.file(local.file(`${back}/sub/deep/c`)).text()).toBe("tree/sub/deep/c");
    expect((await transfer({ ...up, recursive: false })).error).toMatchObject({
      type: "CommandError",
      message: '"tree" is a folder; it takes recursive: true',
    });
  });

  test("of /proc come though they seem to be empty", async () => {
    const path = `${name}-version`;
    const { error } = await transfer({
      operation: "download",
      local_path: path,
      remote_path: "/proc/version",
    });
    expect(error).toBeNull();
    expect(await Bun.file(local.file(path)).text()).toStartWith("Linux version");
  });

  test("over the limit are refused, told or not", async () => {
    await remote("truncate", "-s", String(8 * MiB + 1), `${home()}/large`);
    await remote("chmod", "644", `${home()}/large`);
    const { error } = await transfer({ operation: "download", local_path: "large", remote_path: "large" });
    expect(error).toMatchObject({ type: "CommandError" });
    expect((error as DeviceError).message).toContain("larger than storage_files.max_size");
    expect(await files.stat("large")).toBeNull();
  });

  test("are not written over what is no file, nor through a link", async () => {
    await Bun.write(local.file("mine"), "x");
    await remote("ln", "-sf", "/etc/passwd", `${home()}/alias`);
    await remote("ln", "-sf", "/etc/passwd", `${home()}/aside.netpulse-part`);
    const to = async (remote_path: string, resume = false) => {
      const { error } = await transfer({ operation: "upload", local_path: "mine", remote_path, resume });
      return (error as DeviceError | null)?.message;
    };
    expect(await to("alias")).toContain("is a link or a device; name the file itself");
    expect(await to("aside", true)).toContain("is in the way");
    expect(await to(".")).toContain("is a folder; name the file that is to be in it");
    expect(await to("no/such/folder/mine")).toContain("is not there");
    expect(await to("/etc/netpulse-test")).toContain("is not allowed");
  });

  test("after one that failed are not brought; the session goes on", async () => {
    await Bun.write(local.file("first"), "x");
    const session = await connectTo(server());
    const { signal } = new AbortController();
    const up = (local_path: string): FileTransfer => ({
      operation: "upload",
      local_path,
      remote_path: local_path,
    });
    const ran = await collect(
      session.transfer?.({
        transfers: [up("first"), up("missing"), up("first")],
        files: () => files,
        signal,
      }) ?? [],
    );
    expect(ran.outputs.map(({ ok }) => ok)).toEqual([true, false]);
    expect(ran.error).toMatchObject({ message: '"missing" is not in the storage folder' });
    expect(await session.health(signal)).toBe(true);
    await session.close();
  });

  test("are left in the middle when the run is aborted", async () => {
    await Bun.write(local.file("long"), bytes(7 * MiB));
    const clock = new FakeClock();
    const session = await connectTo(server(), { clock });
    const abort = new AbortController();
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const transfers: FileTransfer[] = [{ operation: "upload", local_path: "long", remote_path: "long" }];
    // A second of the fake clock for each look at it makes every chunk worth a word.
    const original = clock.monotonic.bind(clock);
    let now = original();
    clock.monotonic = () => (now += 1000);
    const seen: unknown[] = [];
    const ran = await collect(
      session.transfer?.({ transfers, files: () => files, signal: abort.signal }) ?? [],
      (frame) => {
        if (frame.kind !== "data") return;
        seen.push(JSON.parse(frame.text));
        abort.abort(stop);
      },
    );
    expect(ran.error).toBe(stop);
    expect(seen[0]).toMatchObject({ event: "progress", path: "long", size: 7 * MiB });
    expect(ran.outputs[0]?.ok).toBeNull();
    await expect(remote("test", "-e", `${home()}/long`)).rejects.toThrow();
    clock.monotonic = original;
    session.destroy();
  });
});

test("a host that runs no command beside SFTP has its files read back", async () => {
  await using strict = await startSshd({ maxSessions: 1 });
  await Bun.write(local.file("strict"), bytes(100_000));
  const session = await connectTo(strict);
  const { signal } = new AbortController();
  const up: FileTransfer = {
    operation: "upload",
    local_path: "strict",
    remote_path: "strict",
    sync_mode: "hash",
  };
  const ran = await collect(session.transfer?.({ transfers: [up, up], files: () => files, signal }) ?? []);
  expect({ error: ran.error, said: ran.outputs.map(({ stdout }) => stdout.slice(0, 16)) }).toEqual({
    error: null,
    said: [`{"event":"done",`, `{"event":"skippe`],
  });
  await session.close();
});

test("a host without SFTP says so", async () => {
  await using bare = await startSshd({ sftp: false });
  const session = await connectTo(bare);
  const { signal } = new AbortController();
  const transfers: FileTransfer[] = [{ operation: "download", local_path: "a", remote_path: "a" }];
  const { error } = await collect(session.transfer?.({ transfers, files: () => files, signal }) ?? []);
  expect((error as DeviceError).message).toContain("has it an SFTP subsystem?");
  session.destroy();
});

describe("the storage folder", () => {
  test.each([
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "",
    ".",
    "a/./b",
    "a\0b",
    "a\nb",
    ".netpulse-folder",
    "x/".repeat(40),
  ])("has no %j", async (path) => {
    await expect(files.open(path)).rejects.toThrow();
    await expect(files.create(path, { resume: false })).rejects.toThrow();
    await expect(files.remove(path)).rejects.toThrow();
    await expect(files.stat(path)).rejects.toThrow();
  });

  test("follows no link", async () => {
    await mkdir(local.file("outside-of-it"), { recursive: true });
    await symlink("/etc", local.file("etc"));
    await symlink("/etc/passwd", local.file("passwd"));
    for (const path of ["etc/passwd", "passwd"]) {
      await expect(files.open(path)).rejects.toThrow();
      await expect(files.create(path, { resume: false })).rejects.toThrow();
    }
    expect(await files.stat("passwd")).toBeNull();
    expect(await files.remove("passwd")).toBe(false);
    expect(await files.list("")).not.toContain("passwd");
  });

  test("has one identity, whoever opens it first", async () => {
    await using folder = tempDir("identity");
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => openFileFolder({ dir: folder.path, maxSize: 1 })),
    );
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    expect(await readdir(folder.path)).toEqual([".netpulse-folder"]);
    expect(opened[0]?.id).not.toBe(files.id);
  });
});
