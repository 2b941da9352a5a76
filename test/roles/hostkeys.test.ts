import { afterEach, expect, test } from "bun:test";
import { runCli } from "../../src/cli/cli.ts";
import { systemClock } from "../../src/core/clock.ts";
import { hostkeysCommand } from "../../src/roles/hostkeys-command.ts";
import { openStorage } from "../../src/storage/open.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

const FIRST_SEEN = Date.UTC(2024, 0, 1, 12);
const KEY = { algorithm: "ssh-ed25519", fingerprint: "SHA256:abc", record: true, now: FIRST_SEEN };

/** A store with the keys of two devices, and the command on it. */
async function knownKeys({ more = 0 } = {}) {
  const dir = tempDir("hostkeys");
  dirs.push(dir);
  const storage = await openStorage({ url: `sqlite:${dir.file("netpulse.db")}`, clock: systemClock });
  await storage.migrate();
  await storage.checkHostKey({ ...KEY, site: null, host: "2001:db8::1", port: 22 });
  await storage.checkHostKey({ ...KEY, site: "bonn", host: "192.0.2.1", port: 2222, algorithm: "ssh-rsa" });
  const hosts = Array.from({ length: more }, (_, n) => `r${n}`);
  await Promise.all(hosts.map((host) => storage.checkHostKey({ ...KEY, site: null, host, port: 22 })));
  await storage.close();
  return async (...argv: string[]) => {
    let out = "";
    let err = "";
    const io = {
      out: (text: string) => {
        out += text;
      },
      err: (text: string) => {
        err += text;
      },
    };
    const command = { name: "hostkeys", summary: "", run: hostkeysCommand };
    const code = await runCli(["hostkeys", ...argv, "--set", `data_dir=${dir.path}`], [command], io);
    return { code, out, err };
  };
}

test("ls prints what is known, as lines or CSV", async () => {
  const run = await knownKeys();
  expect(await run("ls")).toEqual({
    code: 0,
    out: [
      "[2001:db8::1]:22\tssh-ed25519\tSHA256:abc\t2024-01-01T12:00:00.000Z",
      "bonn/192.0.2.1:2222\tssh-rsa\tSHA256:abc\t2024-01-01T12:00:00.000Z",
      "",
    ].join("\n"),
    err: "",
  });
  expect((await run("ls", "--csv")).out).toStartWith(
    "device,algorithm,fingerprint,first_seen\r\n[2001:db8::1]:22,",
  );
  expect((await run("ls", "--csv", "--json")).code).toBe(2);
});

test("ls --json prints all of it, however many there are", async () => {
  const run = await knownKeys({ more: 1100 });
  const { code, out } = await run("ls", "--json");
  const keys = JSON.parse(out);
  expect([code, keys.length]).toEqual([0, 1102]);
  expect(keys.at(-1)).toEqual({
    site: "bonn",
    host: "192.0.2.1",
    port: 2222,
    algorithm: "ssh-rsa",
    fingerprint: "SHA256:abc",
    first_seen: "2024-01-01T12:00:00.000Z",
  });
});

test("forget takes a name as ls prints it", async () => {
  const run = await knownKeys();
  expect(await run("forget", "[2001:db8::1]:22")).toMatchObject({ code: 0 });
  expect(await run("forget", "bonn/192.0.2.1:2222")).toMatchObject({ code: 0 });
  expect(await run("ls")).toEqual({ code: 0, out: "", err: "" });
  expect(await run("ls", "--json")).toEqual({ code: 0, out: "[]\n", err: "" });
  expect(await run("forget", "bonn/192.0.2.1:2222")).toMatchObject({ code: 1 });
});
