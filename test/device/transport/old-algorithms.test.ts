import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { LEGACY_ALGORITHMS, MODERN_ALGORITHMS } from "../../../src/device/transport/algorithms.ts";
import { connectSsh } from "../../../src/device/transport/ssh.ts";
import { startLab } from "../../../src/lab/lab.ts";
import type { LabAlgorithms } from "../../../src/lab/options.ts";
import { must } from "../../support/process.ts";
import { tempDir } from "../../support/tempdir.ts";
import { around, failure, target } from "../support/ssh.ts";

setDefaultTimeout(60_000);

const folder = tempDir("old-algorithms");
afterAll(() => folder.remove());

/** A simulated device with a host key of RSA, as old ones have. */
async function startOld(algorithms: LabAlgorithms) {
  const hostKeyFile = folder.file("rsa");
  if (!(await Bun.file(hostKeyFile).exists())) {
    await must(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", hostKeyFile]);
  }
  const lab = await startLab({ clock: systemClock, hostKeyFile, algorithms });
  const device = lab.device(0);
  const at = { port: device.port, account: { name: "admin", password: "admin" } };
  return { at, [Symbol.asyncDispose]: () => lab.stop() };
}

const NAMES = { kex: "key exchange", serverHostKey: "host key", cipher: "cipher", hmac: "MAC" } as const;

/** ssh2 can ask for a group of a size, but not choose one. */
const CLIENT_ONLY = /group-exchange/;

describe.each(Object.entries(NAMES) as [keyof typeof NAMES, string][])("%s", (kind, name) => {
  const modern: readonly string[] = MODERN_ALGORITHMS[kind];
  const legacy = LEGACY_ALGORITHMS[kind].filter((each) => !CLIENT_ONLY.test(each));
  const withRsa = kind === "serverHostKey" ? legacy.filter((each) => /rsa/.test(each)) : legacy;

  test.each(withRsa)("%s", async (algorithm) => {
    // A MAC of its own is negotiated only beside a cipher that has none built in.
    const cipher = kind === "hmac" ? { cipher: ["aes128-ctr" as const] } : {};
    await using old = await startOld({ ...cipher, [kind]: [algorithm] });
    if (!modern.includes(algorithm)) {
      expect(await failure(connectSsh(target(old.at), around()))).toEqual({
        type: "ConnectionError",
        message:
          `no common algorithm with 127.0.0.1 port ${old.at.port} for ${name} (the device offers only ${algorithm}); ` +
          "set connection_args.legacy=true to allow it for this device",
        retryable: false,
      });
    }
    const patience = { dial: 50, banner: 50, keyExchange: 50, login: 50, channel: 50 };
    const connection = await connectSsh(target(old.at, { legacy: true, patience }), around());
    let text = "";
    const greeted = Promise.withResolvers<void>();
    const sink = {
      onData(bytes: Uint8Array) {
        text += Buffer.from(bytes);
        if (text.includes("lab-1>")) greeted.resolve();
      },
      onEnd: greeted.reject,
    };
    const shell = await connection.openShell(sink, new AbortController().signal);
    await greeted.promise;
    shell.destroy();
  });
});
