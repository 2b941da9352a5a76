import { connect, createServer, type Server, type Socket } from "node:net";
import { systemClock } from "../../../src/core/clock.ts";
import { DeviceError } from "../../../src/core/errors.ts";
import type { HostKey } from "../../../src/device/driver.ts";
import type { SshConnection } from "../../../src/device/transport/ssh-connection.ts";
import { SshShared } from "../../../src/device/transport/ssh-shared.ts";
import type { SshSurroundings, SshTarget } from "../../../src/device/transport/ssh-target.ts";
import { loadSsh2 } from "../../../src/device/transport/ssh2.ts";
import { generateHostKey } from "../../../src/lab/host-key.ts";
import type { Account } from "../../support/account.ts";
import { SSH_TERMS } from "../../support/ssh-terms.ts";
import type { Sshd } from "../../support/sshd.ts";

/** The account of a real server as a target, with whatever the test wants otherwise. */
export function target(
  sshd: { host?: string } & Pick<Sshd, "port"> & { account: Pick<Account, "name" | "password"> },
  more: Partial<SshTarget> = {},
): SshTarget {
  return {
    host: sshd.host ?? "127.0.0.1",
    port: sshd.port,
    site: null,
    username: sshd.account.name,
    password: sshd.account.password,
    privateKey: undefined,
    passphrase: undefined,
    agent: false,
    answers: [],
    totp: undefined,
    legacy: false,
    compression: false,
    keepalive: 0,
    patience: { dial: 10, banner: 10, keyExchange: 10, login: 10, channel: 10 },
    proxy: undefined,
    hops: [],
    ...more,
  };
}

export function around(more: Partial<SshSurroundings> = {}): SshSurroundings {
  return {
    signal: new AbortController().signal,
    clock: systemClock,
    guard: { assertMayWrite() {} },
    verifyHostKey: async (_key: HostKey) => {},
    progress: (_doing: string) => {},
    ssh: new SshShared(SSH_TERMS, systemClock),
    ...more,
  };
}

/** What an attempt that must fail fails with. */
export async function failure(
  attempt: Promise<unknown>,
): Promise<{ type: string; message: string; retryable: boolean }> {
  const error = await attempt.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeviceError)) throw error;
  return { type: error.type, message: error.message, retryable: error.retryable };
}

export interface Ran {
  stdout: string;
  stderr: string;
  status: number | null;
  signal: string | null;
  lost: unknown;
}

/** Runs a command on a connection to its end. */
export async function exec(connection: SshConnection, command: string): Promise<Ran> {
  const ended = Promise.withResolvers<Ran>();
  let stdout = "";
  let stderr = "";
  await connection.exec(
    command,
    {
      onStdout: (bytes) => {
        stdout += Buffer.from(bytes);
      },
      onStderr: (bytes) => {
        stderr += Buffer.from(bytes);
      },
      onEnd: (end) => ended.resolve({ stdout, stderr, ...end }),
    },
    new AbortController().signal,
  );
  return await ended.promise;
}

/** A TCP server of a test's own: it does with a connection what the test says. */
export interface TcpServer {
  port: number;
  account: { name: string; password: string };
  /** Resolves when a connection has come, and the next time with the next. */
  connection(): Promise<Socket>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `allowHalfOpen`: it does not hang up when the other side does. */
export async function startTcp(
  serve: (socket: Socket) => void,
  { allowHalfOpen = false } = {},
): Promise<TcpServer> {
  const sockets: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const server: Server = createServer({ allowHalfOpen }, (socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    serve(socket);
    waiting.shift()?.(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    port: address.port,
    account: { name: "someone", password: "pw-of-someone" },
    connection: () => new Promise((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A wire to a server that can be cut so that neither side hears of it; `carried` counts the server's bytes. */
export async function startWire(port: number): Promise<TcpServer & { cut(): void; carried(): number }> {
  let whole = true;
  let carried = 0;
  const far: Socket[] = [];
  const wire = await startTcp(
    (near) => {
      const server = connect(port, "127.0.0.1");
      far.push(server.on("error", () => {}));
      near.on("data", (bytes) => void (whole && server.write(bytes)));
      server.on("data", (bytes) => {
        carried += bytes.length;
        if (whole) near.write(bytes);
      });
    },
    { allowHalfOpen: true },
  );
  return {
    ...wire,
    cut() {
      whole = false;
    },
    carried: () => carried,
    async [Symbol.asyncDispose]() {
      for (const socket of far) socket.destroy();
      await wire[Symbol.asyncDispose]();
    },
  };
}

/** An SSH server that answers a command with 64 MB, whatever the client's window allows. */
export async function startFloodingServer(): Promise<TcpServer> {
  const ssh2 = await loadSsh2();
  // The lab's: of ssh2's own ed25519 keys one in 200 cannot be read back.
  const server = new ssh2.Server({ hostKeys: [generateHostKey()] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt) => attempt.accept());
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec) => {
        const channel = acceptExec();
        (channel as unknown as { outgoing: { window: number } }).outgoing.window = Number.MAX_SAFE_INTEGER;
        // Odd sizes: ssh2 drops what comes when the window is used up to the very byte.
        for (let i = 0; i < 64; i++) channel.write(Buffer.alloc(1_000_003));
      });
    });
  });
  return await startTcp((socket) => server.injectSocket(socket));
}

/** An SSH server that answers a command with one small packet in which there are `bytes` of zeros. */
export async function startInflatingServer(bytes: number): Promise<TcpServer> {
  const ssh2 = await loadSsh2();
  const algorithms = { compress: ["zlib@openssh.com" as const] };
  const server = new ssh2.Server({ hostKeys: [generateHostKey()], algorithms }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt) => attempt.accept());
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec) => {
        const { outgoing } = acceptExec() as unknown as { outgoing: { id: number } };
        const { _protocol: protocol } = client as unknown as {
          _protocol: { channelData(id: number, data: Buffer): void };
        };
        protocol.channelData(outgoing.id, Buffer.alloc(bytes));
      });
    });
  });
  return await startTcp((socket) => server.injectSocket(socket));
}

/** A jump host that connects nobody on until it is told to; then it connects to itself, which says nothing. */
export async function startSlowHop(): Promise<TcpServer & { asked: Promise<void>; open(): Promise<void> }> {
  const ssh2 = await loadSsh2();
  const asked = Promise.withResolvers<() => Promise<void>>();
  const server = new ssh2.Server({ hostKeys: [generateHostKey()] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt) => attempt.accept());
    client.on("tcpip", (accept) => {
      asked.resolve(
        () =>
          new Promise<void>((resolve) => {
            const channel = accept();
            channel.on("error", () => {}).once("close", resolve);
            channel.resume();
          }),
      );
    });
  });
  const tcp = await startTcp((socket) => server.injectSocket(socket));
  return { ...tcp, asked: asked.promise.then(() => {}), open: async () => (await asked.promise)() };
}
