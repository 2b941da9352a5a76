import type { Dice } from "./dice.ts";
import type { Fault } from "./fault.ts";
import type { LabSettings } from "./options.ts";
import type { Line, Machine, Platform, Received } from "./platform.ts";

export const MAX_LOGIN_TRIES = 3;
/** How long a connection may take to log in. */
export const LOGIN_TIMEOUT_MS = 120_000;

/** What may be turned on a running device. */
export interface Knobs {
  latencyMs: number;
  chunkSize: number;
  fault: Fault;
}

/** The other side of a TCP connection. */
export interface Peer {
  /** Counts the device's connections from 1. */
  readonly id: number;
  readonly vty: number;
  readonly address: string;
  /** Empty until it has logged in. */
  readonly user: string;
  destroy(): void;
}

/** A {@link Peer}, as the device sees it. */
export interface Caller extends Peer {
  readonly lines: ReadonlySet<Line>;
}

/** The device, as its connections see it. */
export interface Site {
  readonly settings: LabSettings;
  readonly platform: Platform;
  machine(): Machine;
  knobs(): Readonly<Knobs>;
  answerTo(command: string): string | null;
  /** For what is random on this device. */
  dice(): Dice;
  loggedIn(peer: Peer): void;
  loginRefused(peer: Peer, user: string): void;
  received(peer: Peer, line: Received): void;
  answered(peer: Peer): void;
  failed(peer: Peer, message: string): void;
}
