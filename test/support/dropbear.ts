import { type Account, createAccount } from "./account.ts";
import { freePort, listening } from "./ports.ts";
import { asRoot, must, mustAsRoot, program, run, startChild } from "./process.ts";
import { tempDir } from "./tempdir.ts";

export interface DropbearOptions {
  /** Type of its host key. Default `ed25519`. */
  hostKey?: "ed25519" | "ecdsa" | "rsa";
  /** A key and the password are both needed. */
  twoFactor?: boolean;
}

export interface Dropbear {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** A user with a Linux shell, made for this server. */
  readonly account: Account;
  readonly hostKeyFingerprint: string;
  /** Lets the holder of an OpenSSH public key log in as `account`. */
  authorize(publicKey: string): Promise<void>;
  /** What it has logged. */
  log(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The SSH server of small devices, on a free port of 127.0.0.1. */
export async function startDropbear(options: DropbearOptions = {}): Promise<Dropbear> {
  const dropbear = program("dropbear", "dropbear-bin");
  const keygen = program("dropbearkey", "dropbear-bin");
  const { hostKey = "ed25519", twoFactor = false } = options;
  const account = await createAccount();
  const folder = tempDir(`dropbear-${account.name}`);
  try {
    const key = folder.file("host_key");
    await must([keygen, "-t", hostKey, "-f", key]);
    const printed = await must([keygen, "-y", "-f", key]);
    const [, publicKey = ""] = /^\S+ (AAAA\S+)/m.exec(printed) ?? [];
    const digest = new Bun.CryptoHasher("sha256").update(Buffer.from(publicKey, "base64")).digest("base64");
    const port = await freePort();
    const flags = ["-F", "-E", "-P", folder.file("pid"), ...(twoFactor ? ["-t"] : [])];
    const child = startChild(asRoot([dropbear, ...flags, "-r", key, "-p", `127.0.0.1:${port}`]));
    await listening(port, child);
    const end = async () => {
      // Its connections are processes of their own.
      await run(
        asRoot(["sh", "-c", `kill $(cat ${folder.file("pid")}) $(pgrep -P $(cat ${folder.file("pid")}))`]),
      );
      await child.stop();
      await account.remove();
      folder.remove();
    };
    return {
      host: "127.0.0.1",
      port,
      account,
      hostKeyFingerprint: `SHA256:${digest.replace(/=+$/, "")}`,
      log: () => child.output(),
      async authorize(line) {
        const ssh = `${account.home}/.ssh`;
        await mustAsRoot(["install", "-d", "-m", "0700", "-o", account.name, ssh]);
        await mustAsRoot(["tee", `${ssh}/authorized_keys`], { stdin: `${line.trim()}\n` });
        await mustAsRoot(["chown", account.name, `${ssh}/authorized_keys`]);
        await mustAsRoot(["chmod", "0600", `${ssh}/authorized_keys`]);
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await account.remove();
    folder.remove();
    throw error;
  }
}
