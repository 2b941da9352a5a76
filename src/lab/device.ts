import type { Socket } from "node:net";
import ssh2, { type KexAlgorithm, type ParsedKey } from "ssh2";
import { Connection } from "./connection.ts";
import { Dice } from "./dice.ts";
import { Door } from "./door.ts";
import { breakAt, type Fault } from "./fault.ts";
import { LineLog, type ReceivedLine } from "./line-log.ts";
import type { LabEvent, LabSettings } from "./options.ts";
import type { Chassis, Line, Machine, Platform, Received, Seed } from "./platform.ts";
import type { Caller, Knobs, Peer, Site } from "./site.ts";
import { TelnetConnection } from "./telnet/connection.ts";

/** ssh2 would ping idle clients every 15 s; a device waits. The longest time a timer can hold. */
const NEVER_MS = 2 ** 31 - 1;

const QUICK_KEX: KexAlgorithm[] = [
  "curve25519-sha256@libssh.org",
  "curve25519-sha256",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
];

export interface DeviceCounts {
  /** TCP connections accepted, refused ones included. */
  connections: number;
  logins: number;
  refusedLogins: number;
  /** Connections open now. */
  open: number;
  /** Lines received, also those the log no longer keeps. */
  lines: number;
}

/** A device in the hands of a test or a demo: what it has seen, and levers to make it misbehave. */
export interface DeviceHandle {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Null where it has no Telnet. */
  readonly telnetPort: number | null;
  hostname(): string;
  runningConfig(): string;
  startupConfig(): string;
  /** The last 10,000 lines received, oldest first. */
  log(): readonly ReceivedLine[];
  counts(): DeviceCounts;
  /**
   * Felt by whatever comes to the fault's point from now on; who stalls there already goes on stalling.
   * Resolves when the listener has changed too, for `stall-connect`.
   */
  setFault(fault: Fault): Promise<void>;
  setLatency(ms: number): void;
  setChunkSize(bytes: number): void;
  /** Sets what the device prints for exactly this line; null takes it back. */
  answer(command: string, text: string | null): void;
  /** Prints a line on every session, as a device logs to terminals: whatever is going on there. */
  logToTerminals(line: string): void;
  /** Cuts every connection, as a pulled cable would. */
  dropConnections(): void;
}

/** One simulated device: a listener, its connections, its software. */
export class LabDevice implements DeviceHandle, Site {
  readonly name: string;
  readonly host: string;
  readonly settings: LabSettings;
  readonly platform: Platform;
  readonly #index: number;
  readonly #ssh: ssh2.Server;
  readonly #door: Door;
  readonly #telnetDoor: Door | null;
  readonly #dice: Dice;
  readonly #connections = new Map<string, Caller>();
  readonly #log = new LineLog();
  readonly #answers = new Map<string, string>();
  readonly #knobs: Knobs;
  readonly #counts = { connections: 0, logins: 0, refusedLogins: 0 };
  #machine: Machine | null = null;

  constructor(settings: LabSettings, platform: Platform, key: ParsedKey, index: number) {
    this.settings = settings;
    this.platform = platform;
    this.host = settings.host;
    this.name = settings.hostname.replaceAll("{n}", String(index + 1));
    this.#index = index;
    const { latencyMs, chunkSize } = settings;
    this.#knobs = { latencyMs, chunkSize, fault: settings.faults.get(index) ?? settings.fault };
    this.#dice = new Dice(settings.seed + index);
    this.#ssh = sshServer(settings, platform, key);
    this.#ssh.on("connection", (client, info) => {
      const connection = this.#connections.get(peerKey(info.ip, info.port));
      if (connection instanceof Connection) connection.serve(client);
    });
    this.#door = new Door(this.host, (socket) => this.#acceptSsh(socket));
    const hasTelnet = settings.telnetPort !== null;
    this.#telnetDoor = hasTelnet ? new Door(this.host, (socket) => this.#acceptTelnet(socket)) : null;
  }

  get port(): number {
    return this.#door.port;
  }

  get telnetPort(): number | null {
    return this.#telnetDoor?.port ?? null;
  }

  /** Rejects with `StartupError` when a port cannot be had. */
  async start(port: number, telnetPort: number): Promise<void> {
    await this.#door.open(port);
    await this.#telnetDoor?.open(telnetPort);
    await this.#jam();
  }

  /** Closes the listener and every connection. Idempotent. */
  async stop(): Promise<void> {
    this.dropConnections();
    await Promise.all([this.#door.close(), this.#telnetDoor?.close()]);
    this.dropConnections();
  }

  hostname(): string {
    return this.machine().hostname();
  }
  runningConfig(): string {
    return this.machine().runningConfig();
  }
  startupConfig(): string {
    return this.machine().startupConfig();
  }
  log(): readonly ReceivedLine[] {
    return this.#log.lines();
  }
  counts(): DeviceCounts {
    return { ...this.#counts, open: this.#connections.size, lines: this.#log.received };
  }
  setFault(fault: Fault): Promise<void> {
    this.#knobs.fault = fault;
    return this.#jam();
  }
  setLatency(ms: number): void {
    this.#knobs.latencyMs = ms;
  }
  setChunkSize(bytes: number): void {
    this.#knobs.chunkSize = bytes;
  }
  answer(command: string, text: string | null): void {
    if (text === null) this.#answers.delete(command);
    else this.#answers.set(command, text);
  }
  logToTerminals(text: string): void {
    for (const connection of this.#connections.values())
      for (const line of connection.lines) line.out.write(`${line.newline}${text}${line.newline}`);
  }
  dropConnections(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  /** Built when it is first needed: thousands of devices start at once, few are used at once. */
  machine(): Machine {
    this.#machine ??= this.platform.boot(this.#seed(), this.#chassis());
    return this.#machine;
  }
  knobs(): Knobs {
    return this.#knobs;
  }
  answerTo(command: string): string | null {
    return this.#answers.get(command) ?? null;
  }
  dice(): Dice {
    return this.#dice;
  }
  loggedIn(peer: Peer): void {
    this.#counts.logins += 1;
    this.#emit(peer.id, { type: "login", user: peer.user });
  }
  loginRefused(peer: Peer, user: string): void {
    this.#counts.refusedLogins += 1;
    this.#emit(peer.id, { type: "login-refused", user });
  }
  received(peer: Peer, line: Received): void {
    this.#log.add({ at: this.settings.clock.now(), session: peer.id, ...line });
    this.#emit(peer.id, { type: "line", text: line.text, end: line.end });
  }
  answered(peer: Peer): void {
    this.#emit(peer.id, { type: "answered" });
  }
  failed(peer: Peer, message: string): void {
    this.#emit(peer.id, { type: "error", message });
  }

  async #jam(): Promise<void> {
    const jammed = breakAt(this.#knobs.fault, "connect") !== null;
    await Promise.all([this.#door.jam(jammed), this.#telnetDoor?.jam(jammed)]);
  }

  #acceptSsh(socket: Socket): void {
    const connection = this.#accept(socket, (id, vty) => new Connection(this, socket, id, vty));
    if (connection !== null) this.#greet(socket);
  }

  #acceptTelnet(socket: Socket): void {
    void this.#accept(socket, (id, vty) => new TelnetConnection(this, socket, id, vty))?.serve();
  }

  #accept<C extends Caller>(socket: Socket, make: (id: number, vty: number) => C): C | null {
    const id = ++this.#counts.connections;
    const key = peerKey(socket.remoteAddress, socket.remotePort);
    const vty = this.#freeVty();
    if (vty === null) {
      socket.destroy();
      this.#emit(id, { type: "refused", why: "no-free-line" });
      return null;
    }
    const connection = make(id, vty);
    this.#connections.set(key, connection);
    this.#emit(id, { type: "connected", peer: connection.address });
    socket.once("close", () => {
      this.#connections.delete(key);
      this.#emit(id, { type: "closed" });
    });
    return connection;
  }

  #greet(socket: Socket): void {
    const { fault } = this.#knobs;
    const silent = breakAt(fault, "banner");
    const broken = silent ?? breakAt(fault, "kex");
    if (broken === null) return void this.#ssh.injectSocket(socket);
    if (silent === null) socket.write(`SSH-2.0-${this.platform.ident}\r\n`);
    if (broken === "drop") socket.end();
    socket.resume();
  }

  #freeVty(): number | null {
    const taken = new Set([...this.#connections.values()].map((connection) => connection.vty));
    for (let vty = 0; vty < this.settings.lines; vty++) if (!taken.has(vty)) return vty;
    return null;
  }

  #seed(): Seed {
    const { username, password, enable, privilege } = this.settings;
    return { index: this.#index, hostname: this.name, username, password, enable, privilege };
  }

  #chassis(): Chassis {
    return {
      clock: this.settings.clock,
      lines: (): Line[] => [...this.#connections.values()].flatMap((connection) => [...connection.lines]),
      hangUpAll: () => this.dropConnections(),
    };
  }

  #emit(session: number, event: Distribute<LabEvent>): void {
    this.settings.onEvent?.({ device: this.#index, session, ...event });
  }
}

/** The part of an event that says what happened. */
type Distribute<T> = T extends LabEvent ? Omit<T, "device" | "session"> : never;

function sshServer(settings: LabSettings, platform: Platform, key: ParsedKey): ssh2.Server {
  return new ssh2.Server({
    hostKeys: [{ key }],
    ident: platform.ident,
    keepaliveInterval: NEVER_MS,
    algorithms: { kex: QUICK_KEX, ...settings.algorithms },
  });
}

function peerKey(address: string | undefined, port: number | undefined): string {
  return `${address} ${port}`;
}
