import type { LineRules } from "../core/access.ts";
import type { DeviceAddress } from "../core/device.ts";
import type { JobError } from "../core/job.ts";
import type { SshTerms, Task, TlsTerms } from "../device/driver.ts";

/**
 * The IPC seam: what a node and a session host say to each other. Grows only together with `PROTOCOL`;
 * a host of another protocol or build is refused at its hello.
 */
export const PROTOCOL = 9;

/** Largest `output` a host sends in one message, bytes of encoded output log. */
export const MAX_OUTPUT_MESSAGE = 64 * 1024;
/** Bytes of output log a run may have in flight before it must wait for credit. */
export const OUTPUT_WINDOW = 512 * 1024;

/** All deadlines are on the receiving host's monotonic clock (see `remote-clock.ts`), milliseconds. */
export type ToHost =
  | ({ type: "hello"; protocol: number; build: string } & HostTerms)
  | ({ type: "run" } & RunOrder)
  /** The lease of these runs was renewed: their sessions may write until then. */
  | { type: "lease"; runs: string[]; mayWriteUntil: number }
  | { type: "abort"; run: string; error: JobError }
  /** Ends the run as `handed-back`, unless its operation has begun. */
  | { type: "recall"; run: string }
  /** `bytes` of a run's output were taken over; as many more may be sent. */
  | { type: "credit"; run: string; bytes: number }
  /** Ends a worker: its runs are aborted and its sessions closed. */
  | { type: "close"; worker: string }
  /** Gives a run up that does not obey: its sessions are destroyed, and its worker goes on without it. */
  | { type: "discard"; run: string }
  | { type: "host-key-verdict"; request: number; problem: string | null }
  /** The answer to `connect`. Null: the connection may be made now. */
  | { type: "admission"; place: number; refusal: JobError | null }
  /** Somebody needs this place: its session is to be closed, unless it has been in use again since `idle`. */
  | { type: "vacate"; place: number }
  /** Sessions that nobody used for `idleMs` are to be asked for their health. They may write until then. */
  | { type: "probe"; idleMs: number; mayWriteUntil: number }
  | { type: "ping"; n: number };

/** What a node wants of its session hosts. */
export interface HostTerms {
  hostKeyPolicy: HostKeyPolicy;
  /** Sessions that a worker keeps at most. */
  perDevice: number;
  ssh: SshTerms;
  tls: TlsTerms;
  files: FileTerms;
}

/** The node's storage folder. */
export interface FileTerms {
  dir: string;
  /** Largest file, bytes. */
  maxSize: number;
  /** An API to fetch files from that are in another folder. */
  url: string | null;
}

/** What a session host says. Of a run that is over, or of a place that is free, nothing counts any more. */
export type FromHost =
  | { type: "hello"; protocol: number; build: string; pid: number; now: number }
  /** Encoded output log, to be appended. */
  | { type: "output"; run: string; log: string }
  /** `platform`: what the device is to those who parse its output. */
  | { type: "outcome"; run: string; error: JobError | null; platform?: string }
  /** It was recalled before its operation began: nothing of it went to the device. */
  | { type: "handed-back"; run: string }
  | { type: "session"; worker: string; state: "connected" | "connecting" | "none"; opened: number }
  | ({ type: "host-key"; request: number } & HostKeyQuestion)
  /** Asks to connect. Each asking has a number of its own, which is that of its session's place from then on. */
  | ({ type: "connect"; place: number } & ConnectQuestion)
  /** The attempt failed; the place is free. */
  | { type: "connect-failed"; place: number; error: JobError }
  /** `open`: connected and logged in. `left`: the session is over, or the asking was given up; the place is free. */
  | { type: "place"; place: number; is: "open" | "idle" | "busy" | "left" }
  | { type: "pong"; n: number; now: number; rssMb: number };

/** As `ssh.host_key_policy`. */
export type HostKeyPolicy = "accept-new" | "strict" | "off";

/** Whether a key may be taken for a device's, or a jump host's. The connection waits for the verdict. */
export interface HostKeyQuestion {
  site: string | null;
  host: string;
  port: number;
  algorithm: string;
  /** `SHA256:` and unpadded base64. */
  fingerprint: string;
}

/** Whom a session host wants to connect to. */
export interface ConnectQuestion {
  device: DeviceAddress;
  /** Hash of what is used to log in. */
  credential: string;
}

/** One run, whole: a session host knows nothing else of it. */
export interface RunOrder {
  /** The job's id and the number of its run: what is said of one run never reaches the next. */
  run: string;
  worker: string;
  /** A pinned worker keeps its session for the next job; a FIFO worker closes it. */
  keepSession: boolean;
  driver: string;
  connectionArgs: Record<string, unknown>;
  driverArgs: Record<string, unknown>;
  operation: Task;
  /** What of it may be typed; null: all. */
  lineRules: LineRules | null;
  /** What goes to the device was rendered since its request was checked. */
  rendered?: boolean;
  /** Secrets that its output shows are hidden. */
  maskOutput: boolean;
  /** Values to hide in what is shown. */
  secrets: string[];
  /** The run ends with a TimeoutError at this moment. */
  deadline: number;
  /** How long the run may last in all, for that error's words. */
  timeoutMs: number;
  /** No byte goes to the device past this moment, unless a `lease` moves it. */
  mayWriteUntil: number;
  /** Most bytes of output the job may have. */
  maxOutput: number;
}
