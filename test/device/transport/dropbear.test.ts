import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import type { HostKey } from "../../../src/device/driver.ts";
import { connectSsh } from "../../../src/device/transport/ssh.ts";
import { SshShared } from "../../../src/device/transport/ssh-shared.ts";
import { type Dropbear, startDropbear } from "../../support/dropbear.ts";
import { must } from "../../support/process.ts";
import { SSH_TERMS } from "../../support/ssh-terms.ts";
import { startSshd } from "../../support/sshd.ts";
import { tempDir } from "../../support/tempdir.ts";
import { around, exec, failure, target } from "../support/ssh.ts";

setDefaultTimeout(30_000);

const keys = tempDir("dropbear-keys");
afterAll(() => keys.remove());

async function makeKey(type: string): Promise<{ text: string; publicKey: string }> {
  const path = keys.file(`key-${crypto.randomUUID()}`);
  await must(["ssh-keygen", "-q", "-t", type, "-N", "open sesame", "-a", "2", "-f", path]);
  return { text: await Bun.file(path).text(), publicKey: await Bun.file(`${path}.pub`).text() };
}

const userOf = ({ account }: Dropbear) => `${account.name}\n`;

describe("Dropbear", () => {
  test.each([
    ["ed25519", "ssh-ed25519"],
    ["ecdsa", "ecdsa-sha2-nistp256"],
    ["rsa", "ssh-rsa"],
  ] as const)("with a host key of type %s logs in by password", async (hostKey, algorithm) => {
    await using dropbear = await startDropbear({ hostKey });
    const shown: HostKey[] = [];
    const verifyHostKey = async (key: HostKey) => void shown.push(key);
    const connection = await connectSsh(target(dropbear), around({ verifyHostKey }));
    expect(await exec(connection, "id -un; echo err >&2; exit 3")).toMatchObject({
      stdout: userOf(dropbear),
      stderr: "err\n",
      status: 3,
    });
    expect(shown).toEqual([{ algorithm, fingerprint: dropbear.hostKeyFingerprint }]);
    await connection.close();
  });

  test.each(["ed25519", "ecdsa", "rsa"])("logs in by a key of type %s", async (type) => {
    await using dropbear = await startDropbear();
    const { text, publicKey } = await makeKey(type);
    await dropbear.authorize(publicKey);
    const by = { privateKey: text, passphrase: "open sesame", password: undefined };
    const connection = await connectSsh(target(dropbear, by), around());
    expect((await exec(connection, "id -un")).stdout).toBe(userOf(dropbear));
    await connection.close();
  });

  test("that wants a key and the password gets both", async () => {
    await using dropbear = await startDropbear({ twoFactor: true });
    const { text, publicKey } = await makeKey("ed25519");
    await dropbear.authorize(publicKey);
    const by = { privateKey: text, passphrase: "open sesame" };
    const connection = await connectSsh(target(dropbear, by), around());
    expect((await exec(connection, "id -un")).stdout).toBe(userOf(dropbear));
    await connection.close();
    const error = await failure(connectSsh(target(dropbear, { ...by, password: undefined }), around()));
    expect(error.message).toContain("accepted publickey but wants more; the device takes password");
  });

  test("refuses a wrong password once", async () => {
    await using dropbear = await startDropbear();
    const error = await failure(connectSsh(target(dropbear, { password: "wrong" }), around()));
    expect(error.type).toBe("AuthenticationError");
    expect(dropbear.log().match(/Bad password attempt/g)).toHaveLength(1);
  });

  test("serves as a jump host, and a compressed one", async () => {
    await using dropbear = await startDropbear();
    await using device = await startSshd();
    for (const compression of [false, true]) {
      const ssh = new SshShared(SSH_TERMS, systemClock);
      const hops = [target(dropbear, { compression })];
      const connection = await connectSsh(target(device, { hops, compression }), around({ ssh }));
      const { stdout } = await exec(connection, "id -un; head -c 1000000 /dev/zero | tr '\\0' x");
      expect(stdout.length).toBe(device.account.name.length + 1 + 1_000_000);
      await connection.close();
      ssh.destroy();
    }
  });

  test("opens a shell with a terminal", async () => {
    await using dropbear = await startDropbear();
    const connection = await connectSsh(target(dropbear), around());
    const ended = Promise.withResolvers<unknown>();
    let text = "";
    const sink = {
      onData: (bytes: Uint8Array) => {
        text += Buffer.from(bytes);
      },
      onEnd: ended.resolve,
    };
    const shell = await connection.openShell(sink, new AbortController().signal);
    shell.write("stty size; exit\n");
    await ended.promise;
    expect(text).toContain("1000 511\r\n");
    await connection.close();
  });
});
