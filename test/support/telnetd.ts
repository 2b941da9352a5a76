import { type Account, createAccount } from "./account.ts";
import { freePort, listening } from "./ports.ts";
import { asRoot, program, run, startChild } from "./process.ts";
import { tempDir } from "./tempdir.ts";

export interface Telnetd {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** A user with a Linux shell, made for this server. */
  readonly account: Account;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Debian's Telnet server on a free port of 127.0.0.1, started by its inetd for each connection. */
export async function startTelnetd(): Promise<Telnetd> {
  const telnetd = program("/usr/sbin/telnetd", "inetutils-telnetd");
  const inetd = program("inetutils-inetd", "inetutils-inetd");
  const account = await createAccount();
  const folder = tempDir(`telnetd-${account.name}`);
  try {
    const port = await freePort();
    const config = folder.file("inetd.conf");
    await Bun.write(config, `127.0.0.1:${port} stream tcp4 nowait root ${telnetd} telnetd --no-hostinfo\n`);
    const pidFile = folder.file("pid");
    const child = startChild(asRoot([inetd, "-d", "-p", pidFile, config]));
    await listening(port, child);
    return {
      host: "127.0.0.1",
      port,
      account,
      async [Symbol.asyncDispose]() {
        // Its connections are processes of their own.
        await run(asRoot(["sh", "-c", `pid=$(cat ${pidFile}); kill $pid $(pgrep -P $pid)`]));
        await child.stop();
        await account.remove();
        folder.remove();
      },
    };
  } catch (error) {
    await account.remove();
    folder.remove();
    throw error;
  }
}
