import { createHash } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { DeviceError } from "../../core/errors.ts";
import { limitGroupBits, MAX_GROUP_BITS, MAX_LEGACY_GROUP_BITS } from "../dh.ts";
import type { HostKey } from "../driver.ts";
import { LEGACY_ALGORITHMS, MODERN_ALGORITHMS } from "./algorithms.ts";
import { type HandshakeWatch, watchHandshake } from "./handshake-watch.ts";
import { type Login, startLogin } from "./login.ts";
import { type Phase, within } from "./phase.ts";
import { openPrivateKey } from "./private-key.ts";
import { SshConnection } from "./ssh-connection.ts";
import { dialError, handshakeError, place } from "./ssh-errors.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import { type Client, loadSsh2, type ParsedKey } from "./ssh2.ts";

/** Keep-alives that may stay unanswered before the connection counts as lost. */
const MAX_SILENT_KEEPALIVES = 3;

/**
 * Connects and logs in. Rejects with a `DeviceError` (`ConnectionError`, `TimeoutError`, `HostKeyError`,
 * `AuthenticationError`) or the signal's reason, and leaves nothing open then. No credential is sent
 * before the host key is proven and accepted.
 */
export async function connectSsh(target: SshTarget, around: SshSurroundings): Promise<SshConnection> {
  around.signal.throwIfAborted();
  const { Client } = await loadSsh2();
  const key = await readKey(target, around.signal);
  const socket = await dial(target, around);
  const client = new Client();
  try {
    await shakeHands({ target, around, socket, client, key });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new SshConnection({ client, socket, target, around });
}

async function readKey(target: SshTarget, signal: AbortSignal): Promise<ParsedKey | undefined> {
  if (target.privateKey === undefined) return undefined;
  return await openPrivateKey(target.privateKey, target.passphrase, signal);
}

function dial(target: SshTarget, around: SshSurroundings): Promise<Socket> {
  const { host, port, patience } = target;
  const socket = connectTcp({ host, port, noDelay: true });
  const connected = new Promise<Socket>((resolve, reject) => {
    socket.once("error", (error) => reject(dialError(error, host, port)));
    socket.once("connect", () => resolve(socket));
  });
  const what = `${place(host, port)} did not answer the TCP connection within ${patience.dial} s`;
  return within(phase(around, socket, patience.dial, what), connected);
}

function phase(around: SshSurroundings, socket: Socket, seconds: number | null, message: string): Phase {
  const { clock, signal } = around;
  return { clock, signal, seconds, timeoutMessage: () => message, giveUp: () => socket.destroy() };
}

interface Handshake {
  target: SshTarget;
  around: SshSurroundings;
  socket: Socket;
  client: Client;
  key: ParsedKey | undefined;
}

/** Walks the phases in order; whatever goes wrong in one is told in its words. */
async function shakeHands(handshake: Handshake): Promise<void> {
  const { target, around, socket } = handshake;
  const { patience } = target;
  const where = place(target.host, target.port);
  const session = startClient(handshake);
  const until = <T>(seconds: number | null, message: string, work: Promise<T>) =>
    within(phase(around, socket, seconds, `${where} ${message}`), work);
  try {
    await until(
      patience.banner,
      `accepted the connection but sent no SSH identification within ${patience.banner} s`,
      session.identified,
    );
    await until(
      patience.keyExchange,
      `did not finish the SSH key exchange within ${patience.keyExchange} s`,
      session.exchanged,
    );
    // An unknown host gets no credential: the client waits for this before it offers the first one.
    await until(null, "", around.verifyHostKey(session.hostKey()));
    session.offerCredentials();
    await until(
      patience.login,
      `did not finish the SSH login within ${patience.login} s`,
      session.authenticated,
    );
  } finally {
    session.stopWatching();
  }
}

interface ClientSession {
  identified: Promise<string>;
  exchanged: Promise<void>;
  authenticated: Promise<void>;
  hostKey(): HostKey;
  offerCredentials(): void;
  stopWatching(): void;
}

function startClient({ target, socket, client, key }: Handshake): ClientSession {
  const where = place(target.host, target.port);
  const login = startLogin({ username: target.username, password: target.password, key });
  const exchanged = Promise.withResolvers<void>();
  const authenticated = Promise.withResolvers<void>();
  const hostAccepted = Promise.withResolvers<void>();
  const identification = Promise.withResolvers<string>();
  let hostKey: Buffer | null = null;
  let keysExchanged = false;
  let watch: HandshakeWatch | null = null;

  const fail = (error: unknown) => {
    const reason = keysExchanged
      ? loginFailure(error, login, where)
      : watch === null
        ? dialError(error, target.host, target.port)
        : handshakeError(error, watch, where);
    for (const step of [identification, exchanged, authenticated]) step.reject(reason);
  };
  for (const step of [identification, exchanged, authenticated]) step.promise.catch(() => {});

  client.on("error", fail);
  client.once("close", () => fail(new Error("the connection was closed")));
  client.once("handshake", () => {
    keysExchanged = true;
    exchanged.resolve();
  });
  client.once("ready", () => authenticated.resolve());
  client.once("change password", () =>
    fail(new DeviceError("AuthenticationError", `${where} demands a new password for ${target.username}`)),
  );
  client.connect({
    sock: socket,
    username: target.username,
    ident: "NetPulse",
    algorithms: target.legacy ? LEGACY_ALGORITHMS : MODERN_ALGORITHMS,
    readyTimeout: 0,
    keepaliveInterval: target.keepalive * 1000,
    keepaliveCountMax: MAX_SILENT_KEEPALIVES,
    // A second exchange on the same connection must show the same key.
    hostVerifier: (shown: Buffer) => {
      const same = hostKey?.equals(shown) ?? true;
      hostKey ??= Buffer.from(shown);
      return same;
    },
    authHandler: (methodsLeft, partial, next) => {
      void hostAccepted.promise.then(() => {
        const method = login.next(methodsLeft, partial);
        if (method === false) fail(login.error(where));
        else next(method);
      });
    },
  });
  watch = watchHandshake(socket);
  limitGroups(socket, target.legacy ? MAX_LEGACY_GROUP_BITS : MAX_GROUP_BITS);
  void watch.identified.then(identification.resolve);
  return {
    identified: identification.promise,
    exchanged: exchanged.promise,
    authenticated: authenticated.promise,
    hostKey: () => describeHostKey(hostKey),
    offerCredentials: () => hostAccepted.resolve(),
    stopWatching: () => watch?.stop(),
  };
}

/** Before each packet ssh2 handles, also those of a later exchange: other connections have other limits. */
function limitGroups(socket: Socket, bits: number): void {
  socket.prependListener("data", () => limitGroupBits(bits));
}

function loginFailure(error: unknown, login: Login, where: string): DeviceError {
  if (error instanceof DeviceError) return error;
  if (login.refused()) return login.error(where);
  const said = error instanceof Error ? error.message : "";
  return new DeviceError("ConnectionError", `${where} ended the SSH login: ${said}`);
}

/** `SHA256:` and unpadded base64 of the key, as OpenSSH prints it. */
function describeHostKey(key: Buffer | null): HostKey {
  if (key === null) throw new DeviceError("HostKeyError", "the device showed no host key");
  const nameLength = key.readUInt32BE(0);
  const digest = createHash("sha256").update(key).digest("base64");
  return {
    algorithm: key.toString("latin1", 4, 4 + nameLength),
    fingerprint: `SHA256:${digest.replace(/=+$/, "")}`,
  };
}
