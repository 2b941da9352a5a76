import { freePort, listening } from "./ports.ts";
import { type Child, program, startChild } from "./process.ts";
import { tempDir } from "./tempdir.ts";

export interface ProxyServer {
  readonly host: "127.0.0.1";
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ProxyLogin {
  username: string;
  password: string;
}

/** A SOCKS5 server that is not ours, for whoever logs in, or for all. */
export async function startSocks(login?: ProxyLogin): Promise<ProxyServer> {
  const microsocks = program("microsocks", "microsocks");
  const who = login === undefined ? [] : ["-u", login.username, "-P", login.password];
  const port = await freePort();
  const child = startChild([microsocks, "-i", "127.0.0.1", "-p", String(port), ...who]);
  return await serving(child, port, () => {});
}

/** An HTTP proxy that is not ours, which takes CONNECT. */
export async function startHttpProxy(login?: ProxyLogin): Promise<ProxyServer> {
  const tinyproxy = program("tinyproxy", "tinyproxy-bin");
  const folder = tempDir("tinyproxy");
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "Timeout 600",
    "MaxClients 20",
    "LogLevel Error",
    ...(login === undefined ? [] : [`BasicAuth ${login.username} ${login.password}`]),
  ];
  await Bun.write(folder.file("config"), `${lines.join("\n")}\n`);
  const child = startChild([tinyproxy, "-d", "-c", folder.file("config")]);
  return await serving(child, port, () => folder.remove());
}

/** Neither says when it listens. */
async function serving(child: Child, port: number, clean: () => void): Promise<ProxyServer> {
  await listening(port, child);
  return {
    host: "127.0.0.1",
    port,
    async [Symbol.asyncDispose]() {
      await child.stop();
      clean();
    },
  };
}
