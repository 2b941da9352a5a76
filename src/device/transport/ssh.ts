import { createHash } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { DeviceError } from "../../core/errors.ts";
import { limitGroupBits, MAX_GROUP_BITS, MAX_LEGACY_GROUP_BITS } from "../dh.ts";
import type { HostKey } from "../driver.ts";
import { LEGACY_ALGORITHMS, MODERN_ALGORITHMS } from "./algorithms.ts";
import { type HandshakeWatch, printable, watchHandshake } from "./handshake-watch.ts";
import { type Login, startLogin } from "./login.ts";
import { type Phase, within } from "./phase.ts";
import { openPrivateKey } from "./private-key.ts";
import { SshConnection } from "./ssh-connection.ts";
import { dialError, handshakeError, place } from "./ssh-errors.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import { type Client, type ConnectConfig, loadSsh2, type ParsedKey } from "./ssh2.ts";

/** Keep-alives that may stay unanswered before the connection counts as lost. */
const MAX_SILENT_KEEPALIVES = 3;

/**
 * Connects and logs in. Rejects with a `DeviceError` (`ConnectionError`, `TimeoutError`, `HostKeyError`,
 * `AuthenticationError`) or the signal's reason, and leaves nothing open then. No credential is sent
 * before the host key is proven and accepted.
 */
export async function connectSsh(target: SshTarget, around: SshSurroundings): Promise<SshConnection> {
  around.signal.throwIfAborted();
  around.progress("reading the private key");
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
  around.progress(`waiting for the TCP connection to ${place(host, port)}`);
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
  const { banner, keyExchange, login } = target.patience;
  const where = place(target.host, target.port);
  const steps = new ClientSteps(handshake, where);
  const until = <T>(seconds: number | null, message: string, work: Promise<T>) =>
    within(phase(around, socket, seconds, `${where} ${message}`), work);
  try {
    steps.begin();
    around.progress(`waiting for the SSH identification of ${where}`);
    await until(
      banner,
      `accepted the connection but sent no SSH identification within ${banner} s`,
      steps.identified.promise,
    );
    around.progress(`in the SSH key exchange with ${where}`);
    await until(
      keyExchange,
      `did not finish the SSH key exchange within ${keyExchange} s`,
      steps.exchanged.promise,
    );
    around.progress(`having the host key of ${where} checked`);
    // An unknown host gets no credential: the client waits for this before it offers the first one.
    await until(null, "", around.verifyHostKey(steps.hostKey()));
    around.progress(`in the SSH login to ${where}`);
    steps.hostAccepted.resolve();
    await until(login, `did not finish the SSH login within ${login} s`, steps.authenticated.promise);
  } finally {
    steps.end();
  }
}

/** What an SSH client does by itself on the way to a login, as promises for each step. */
class ClientSteps {
  readonly identified = Promise.withResolvers<string>();
  readonly exchanged = Promise.withResolvers<void>();
  readonly hostAccepted = Promise.withResolvers<void>();
  readonly authenticated = Promise.withResolvers<void>();
  readonly #handshake: Handshake;
  readonly #where: string;
  readonly #login: Login;
  #watch: HandshakeWatch | null = null;
  #hostKey: Buffer | null = null;
  #keysExchanged = false;

  constructor(handshake: Handshake, where: string) {
    const { target, key } = handshake;
    this.#handshake = handshake;
    this.#where = where;
    this.#login = startLogin({ username: target.username, password: target.password, key });
    // Only one of them is waited for at a time.
    for (const step of this.#all()) step.promise.catch(() => {});
  }

  /** Starts the client on the connected socket. */
  begin(): void {
    const { target, socket, client } = this.#handshake;
    client.on("error", (error) => this.#fail(error));
    client.once("close", () => this.#fail(new Error("the connection was closed")));
    client.once("handshake", () => {
      this.#keysExchanged = true;
      this.exchanged.resolve();
    });
    client.once("ready", () => this.authenticated.resolve());
    client.once("change password", () => this.#fail(passwordExpired(target.username, this.#where)));
    client.connect(this.#config());
    this.#watch = watchHandshake(socket);
    void this.#watch.identified.then(this.identified.resolve);
    limitGroups(socket, target.legacy ? MAX_LEGACY_GROUP_BITS : MAX_GROUP_BITS);
  }

  /** Forgets what was only needed on the way. */
  end(): void {
    this.#watch?.stop();
  }

  /** The key the server has proven to own, once keys were exchanged. */
  hostKey(): HostKey {
    if (this.#hostKey === null) throw new DeviceError("HostKeyError", `${this.#where} showed no host key`);
    return describeHostKey(this.#hostKey);
  }

  #config(): ConnectConfig {
    const { target, socket } = this.#handshake;
    return {
      sock: socket,
      username: target.username,
      ident: "NetPulse",
      algorithms: target.legacy ? LEGACY_ALGORITHMS : MODERN_ALGORITHMS,
      readyTimeout: 0,
      keepaliveInterval: target.keepalive * 1000,
      keepaliveCountMax: MAX_SILENT_KEEPALIVES,
      hostVerifier: (shown: Buffer) => this.#isSameKey(shown),
      authHandler: (methodsLeft, partial, next) => {
        void this.hostAccepted.promise.then(() => {
          const method = this.#login.next(methodsLeft, partial);
          if (method === false) this.#fail(this.#login.error(this.#where));
          else next(method);
        });
      },
    };
  }

  /** A later exchange on the same connection must show the same key as the first. */
  #isSameKey(shown: Buffer): boolean {
    this.#hostKey ??= Buffer.from(shown);
    return this.#hostKey.equals(shown);
  }

  #fail(error: unknown): void {
    const reason = this.#reason(error);
    for (const step of this.#all()) step.reject(reason);
  }

  #reason(error: unknown): DeviceError {
    if (this.#keysExchanged) return loginFailure(error, this.#login, this.#where);
    if (this.#watch !== null) return handshakeError(error, this.#watch, this.#where);
    const { host, port } = this.#handshake.target;
    return dialError(error, host, port);
  }

  #all() {
    return [this.identified, this.exchanged, this.authenticated];
  }
}

/** Before each packet ssh2 handles, also those of a later exchange: other connections have other limits. */
function limitGroups(socket: Socket, bits: number): void {
  socket.prependListener("data", () => limitGroupBits(bits));
}

function passwordExpired(username: string, where: string): DeviceError {
  return new DeviceError("AuthenticationError", `${where} demands a new password for ${username}`);
}

function loginFailure(error: unknown, login: Login, where: string): DeviceError {
  if (error instanceof DeviceError) return error;
  if (login.refused()) return login.error(where);
  const said = error instanceof Error ? printable(error.message) : "";
  return new DeviceError("ConnectionError", `${where} ended the SSH login: ${said}`);
}

/** `SHA256:` and unpadded base64 of the key, as OpenSSH prints it. */
function describeHostKey(key: Buffer): HostKey {
  const nameLength = key.readUInt32BE(0);
  const digest = createHash("sha256").update(key).digest("base64");
  return {
    algorithm: key.toString("latin1", 4, 4 + nameLength),
    fingerprint: `SHA256:${digest.replace(/=+$/, "")}`,
  };
}
