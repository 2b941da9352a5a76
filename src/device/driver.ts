import type { Static, TObject } from "@sinclair/typebox";
import type { Clock } from "../core/clock.ts";
import type { FieldError } from "../core/errors.ts";
import type { FileTransfer } from "../core/file-transfer.ts";
import type { FileFolder } from "../core/files.ts";

export { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
export type { Clock, Timer } from "../core/clock.ts";
export { TASK_ID, taskOfJob } from "../core/detached-task.ts";
export { DeviceError, type ErrorType, type FieldError, FileError } from "../core/errors.ts";
export { type FileTransfer, idOfFile, localNameProblem, urlOfFile } from "../core/file-transfer.ts";
export type { FileFolder, FileReader, FileWriter } from "../core/files.ts";

/**
 * The device seam: what a driver is. A driver knows one way to talk to devices (a network CLI over SSH,
 * a Linux shell, an HTTP API); it knows nothing of queues, jobs, storage or HTTP. It lives in its own
 * folder under `drivers/`, imports nothing of `src/` but `python-regex/` and `device/` (this file, `address-args.ts`,
 * `limited-args.ts`, `ssh-args.ts`, `redact.ts`, `nearest.ts`, `transport/`), and is registered by `drivers/index.ts`.
 *
 * Rules:
 * - Event-driven: never sleeps, never polls, never blocks the event loop for over 20 ms.
 * - Everything a device sends is hostile: bounded buffers, linear patterns.
 * - Failures are `DeviceError` with a type of the closed list and a message that says what was waited
 *   for and what to do, without secrets. A device that answers with an error marker is a failure too.
 */
export interface Driver<C extends TObject = TObject, A extends TObject = TObject> {
  /** Native name, e.g. `cli`. */
  name: string;
  /** Other names a request may use, e.g. NetPulse's `netmiko`. */
  aliases: readonly string[];
  /** One line for `--help` and the API's documentation. */
  summary: string;
  /** Of a request that names no `queue_strategy`. */
  defaultQueue: "fifo" | "pinned";
  /** TCP port of a request that names none; another one shows in the names of queues and host keys. */
  defaultPort: number;
  /** The port of a request that names none, where it depends on the others of its `connection_args`, whatever those are. */
  usualPort?(connectionArgs: Record<string, unknown>): number;
  /** With `file_transfer` its sessions have `transfer`. */
  operations: readonly (Operation["kind"] | "file_transfer")[];
  /**
   * Validates and documents `connection_args`. Every property has a description; those that hold a
   * secret have `secret: true`; an object's are none unless its `secretWhere` (`{ field, says }`) fits. `additionalProperties: false`. `host`, `port` and `site` are common to
   * all drivers: use `addressArgs` of `device/address-args.ts`.
   */
  connectionArgs: C;
  /** The same for `driver_args`, which apply to one job and not to the session. */
  driverArgs: A;
  /**
   * The same for what may stand beside `command` in an entry of a request's list of commands; without it
   * entries are text alone.
   */
  commandArgs?: TObject;
  /**
   * What `driver_args`, or what stands beside a command, ask for that is not the driver's to do: output parsed by a
   * template. `null`: that it is not; `undefined`: they say nothing of it.
   */
  parsing?(driverArgs: Static<A>, besideCommand?: Record<string, unknown>): AskedParsing | null | undefined;
  /** What the schemas cannot say: fields that depend on each other, characters a line may not hold. */
  check(request: { connectionArgs: Static<C>; driverArgs: Static<A>; operation: Operation }): FieldError[];
  /** Opens a session. Rejects with a `DeviceError`; nothing stays open then. */
  connect(context: ConnectContext<Static<C>>): Promise<DeviceSession<Static<A>>>;
}

/** What a job asks of a device. Each entry of `commands` or `lines` becomes one entry of `outputs`. */
export type Operation =
  | {
      kind: "command";
      commands: string[];
      /** What stood beside each command, by its place; `null` for one that came as text alone. */
      commandArgs?: (Record<string, unknown> | null)[];
      /** What the detached task that the command becomes is to be called. */
      task?: string;
    }
  | { kind: "config"; lines: string[] };

/** What a job asks for: an operation, or nothing but a session, opened and closed. That takes no driver's doing. */
export type Task = Operation | TransferTask | { kind: "connect" };

/** Files to be brought to a device and from it. Each entry becomes one entry of `outputs`. */
export interface TransferTask {
  kind: "file_transfer";
  transfers: FileTransfer[];
  /** Identity of the storage folder that the request's files are in. */
  folder: string;
  /** For each transfer, what lets its node have the files over HTTP. */
  grants: string[];
}

/** A parser for what commands print. */
export interface AskedParsing {
  name: "textfsm" | "ttp";
  /** Its text, or its file in the template folder; null: by platform and command. */
  template: string | null;
}

/** What a session's surroundings lend it. */
export interface ConnectContext<C> {
  args: C;
  /** Ends the attempt: the job's deadline passed or it was aborted. The reason is a `DeviceError`. */
  signal: AbortSignal;
  clock: Clock;
  guard: WriteGuard;
  /**
   * Decides about the host key of the device, or of a jump host on the way to it. Rejects with a
   * `DeviceError` of type `HostKeyError`.
   */
  verifyHostKey(key: HostKey, of: { host: string; port: number }): Promise<void>;
  ssh: SshResources;
  tls: TlsTerms;
  /**
   * What is waited for from now on, in words that complete "it was …". Told when the job's time runs out
   * meanwhile: without it nobody knows what to look at.
   */
  progress(doing: string): void;
  /** The session ended by itself (device closed it, connection lost). Called at most once. */
  onClosed(reason: string): void;
}

/** What a node lets SSH connections use. */
export interface SshTerms {
  /** Path of the SSH agent's socket; `null`: there is none. */
  agentSocket: string | null;
  /** Proxies that a request may name; `null`: any. */
  proxies: readonly { host: string; port: number }[] | null;
  /** How long a connection to a jump host stays open without a session over it. */
  hopIdleMs: number;
  /** Connections to jump hosts at most, for each process. */
  maxHops: number;
}

/** What a node lets TLS connections use. */
export interface TlsTerms {
  /** Folder of the certificates and keys that a request may name; `null`: none. */
  dir: string | null;
}

/** What the SSH connections of a process share. Drivers hand it on to `device/transport/`, which makes and reads it. */
export interface SshResources {
  /** Ends what is shared, at once. Idempotent. */
  destroy(): void;
}

/** What a server proves itself with. */
export interface HostKey {
  /** `ssh-ed25519`, `ssh-rsa`, … */
  algorithm: string;
  /** `SHA256:` and unpadded base64, as OpenSSH prints it. */
  fingerprint: string;
}

/**
 * The device's half of fencing: a session asks before every write. It throws a `DeviceError` once the
 * run's lease has lapsed; the session then destroys its connection without another byte.
 */
export interface WriteGuard {
  /** Asked before every write: the lease may have lapsed between two of them. */
  assertMayWrite(): void;
}

/** One live session with a device. Runs one operation at a time. */
export interface DeviceSession<A> {
  /**
   * Runs an operation and streams what happens. The stream is pulled: while nobody pulls, the session
   * stops reading from the device, so memory stays bounded. Ends normally when everything passed;
   * throws `DeviceError` otherwise, after the frames of what ran before. When `signal` aborts, the
   * session interrupts the device (Ctrl-C where that works), and throws the signal's reason; it is then
   * closed.
   */
  run(request: RunRequest<A>): AsyncIterable<SessionFrame>;
  /** Brings files, as `run` runs commands, where the driver's `operations` say that it can. */
  transfer?(request: {
    transfers: readonly FileTransfer[];
    /** Where the files of a transfer are. */
    files(index: number): FileFolder;
    signal: AbortSignal;
  }): AsyncIterable<SessionFrame>;
  /** What the device shows when it waits for a line, where it has such a thing. */
  readonly prompt?: string | null;
  /** What collections of templates call this kind of device, where they know it. */
  readonly platform?: string | null;
  /** The `device_type` that the device was found to be, where the request leaves that open. */
  readonly detected?: string | null;
  /** Whether the device still answers. Used before an idle session is used again. */
  health(signal: AbortSignal): Promise<boolean>;
  /** Says goodbye where that is quick, then closes. Never throws. Idempotent. */
  close(): Promise<void>;
  /** Closes at once, without another byte. Idempotent. */
  destroy(): void;
}

/** One run of a session. */
export interface RunRequest<A> {
  operation: Operation;
  driverArgs: A;
  signal: AbortSignal;
  permit: LinePermit;
}

/**
 * What the job's API key lets it have typed. A session asks at the one place where lines of a request go out, with all of
 * them: commands, lines of configuration, answers to questions. What a platform types by itself to come to its prompt
 * or its mode is not asked about.
 */
export interface LinePermit {
  /** Some lines are refused: what a driver cannot ask about line by line, it must refuse as a whole. */
  readonly limited: boolean;
  /** Throws a `DeviceError` for a line that must not be sent. */
  assertMayType(line: string, use?: LineUse): void;
}

/** What a line that is to be typed is. What is left out is false. */
export interface LineUse {
  /** A shell reads it. */
  shell?: boolean;
  /** The device is in a mode in which it is configured. */
  configuring?: boolean;
  /** It must not be repeated in an error. */
  hidden?: boolean;
}

/** For sessions that serve no request. */
export const ANY_LINE: LinePermit = { limited: false, assertMayType() {} };

/**
 * What a run yields. `index` is the position of the command or line in the operation. Every index that
 * was begun has a `start`; `end` follows unless the run was interrupted in its middle. A second `end`
 * takes the first one back: the device dropped a line that it had taken. An index behind the last has a
 * `command`: what was sent beside what the job asks for, to show more. `text` is what
 * the device printed less echo, prompt and control codes, lines ended by `\n`.
 */
export type SessionFrame =
  | { kind: "start"; index: number; command?: string }
  | { kind: "data"; index: number; stream: "stdout" | "stderr"; text: string }
  | { kind: "end"; index: number; ok: boolean; exitStatus: number | null };

/** Gives a driver its types; returns it as it is. */
export function defineDriver<C extends TObject, A extends TObject>(driver: Driver<C, A>): Driver<C, A> {
  return driver;
}
