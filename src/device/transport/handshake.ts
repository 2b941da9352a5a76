import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { DeviceError } from "../../core/errors.ts";
import { limitGroupBits, MAX_GROUP_BITS, MAX_LEGACY_GROUP_BITS } from "../dh.ts";
import type { HostKey } from "../driver.ts";
import { algorithmsFor } from "./algorithms.ts";
import type { Credentials } from "./credentials.ts";
import { type HandshakeWatch, printable, watchHandshake } from "./handshake-watch.ts";
import { type Login, startLogin } from "./login.ts";
import { type Phase, within } from "./phase.ts";
import { dialError, handshakeError, place } from "./ssh-errors.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import { type Client, type ConnectConfig, loadSsh2, onAuthFailure } from "./ssh2.ts";

/** Keep-alives that may stay unanswered before the connection counts as lost. */
const MAX_SILENT_KEEPALIVES = 3;

interface Handshake {
  target: SshTarget;
  around: SshSurroundings;
  socket: Duplex;
  credentials: Credentials;
}

/** Identification, key exchange, host key and login on a fresh connection, which is closed when one fails. */
export async function shakeHands(handshake: Handshake): Promise<Client> {
  const { Client } = await loadSsh2();
  const client = new Client();
  try {
    await walk(handshake, client);
    return client;
  } catch (error) {
    handshake.socket.destroy();
    throw error;
  }
}

function phase(around: SshSurroundings, socket: Duplex, seconds: number | null, message: string): Phase {
  const { clock, signal } = around;
  return { clock, signal, seconds, timeoutMessage: () => message, giveUp: () => socket.destroy() };
}

/** Walks the phases in order; whatever goes wrong in one is told in its words. */
async function walk(handshake: Handshake, client: Client): Promise<void> {
  const { target, around, socket } = handshake;
  const { host, port } = target;
  const { banner, keyExchange, login } = target.patience;
  const where = place(host, port);
  const steps = new ClientSteps(handshake, client, where);
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
    await until(null, "", around.verifyHostKey(steps.hostKey(), { host, port }));
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
  readonly #client: Client;
  readonly #where: string;
  readonly #login: Login;
  #watch: HandshakeWatch | null = null;
  #hostKey: Buffer | null = null;
  #keysExchanged = false;

  constructor(handshake: Handshake, client: Client, where: string) {
    const { target, credentials } = handshake;
    const { username, password, answers } = target;
    const { key, agentKeys, codeTurn } = credentials;
    this.#handshake = handshake;
    this.#client = client;
    this.#where = where;
    this.#login = startLogin({
      ...{ username, password, answers, key, agentKeys },
      code: codeTurn && (() => codeTurn.code()),
      giveUp: (error) => this.#fail(error),
    });
    // Only one of them is waited for at a time.
    for (const step of this.#all()) step.promise.catch(() => {});
  }

  /** Starts the client on the connected socket. */
  begin(): void {
    const { target, socket } = this.#handshake;
    const client = this.#client;
    client.on("error", (error) => this.#fail(error));
    client.once("close", () => this.#fail(new Error("the connection was closed")));
    client.once("handshake", () => {
      this.#keysExchanged = true;
      this.exchanged.resolve();
    });
    client.once("ready", () => this.authenticated.resolve());
    client.once("change password", () => this.#fail(passwordExpired(target.username, this.#where)));
    client.connect(this.#config());
    onAuthFailure(client, (methodsLeft, partial) => this.#login.answered(methodsLeft, partial));
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
      algorithms: algorithmsFor(target),
      readyTimeout: 0,
      keepaliveInterval: target.keepalive * 1000,
      keepaliveCountMax: MAX_SILENT_KEEPALIVES,
      hostVerifier: (shown: Buffer) => this.#isSameKey(shown),
      authHandler: (_methodsLeft, _partial, next) => {
        void this.hostAccepted.promise.then(() => {
          const method = this.#login.next();
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
    const { target } = this.#handshake;
    if (this.#watch !== null) return handshakeError(error, this.#watch, this.#where, target);
    return dialError(error, target.host, this.#where);
  }

  #all() {
    return [this.identified, this.exchanged, this.authenticated];
  }
}

/** Before each packet ssh2 handles, also those of a later exchange: other connections have other limits. */
function limitGroups(socket: Duplex, bits: number): void {
  socket.prependListener("data", () => limitGroupBits(bits));
}

function passwordExpired(username: string, where: string): DeviceError {
  return new DeviceError("AuthenticationError", `${where} demands a new password for ${username}`);
}

function loginFailure(error: unknown, login: Login, where: string): DeviceError {
  if (error instanceof DeviceError) return error;
  if (isAgentError(error)) return agentError(error);
  if (login.refused()) return login.error(where);
  const said = error instanceof Error ? printable(error.message) : "";
  return new DeviceError("ConnectionError", `${where} ended the SSH login: ${said}`);
}

function isAgentError(error: unknown): error is Error {
  return error instanceof Error && "level" in error && error.level === "agent";
}

function agentError(error: Error): DeviceError {
  const said = printable(error.message);
  return new DeviceError("CredentialError", `the SSH agent of this node did not sign for the login: ${said}`);
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
