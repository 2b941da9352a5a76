import type { Clock, Timer } from "../core/clock.ts";
import type { Dice } from "./dice.ts";
import type { Break, Point } from "./fault.ts";
import type { LineEnd } from "./terminal/line-editor.ts";
import type { Terminal } from "./terminal/terminal.ts";
import type { PacedWriter } from "./terminal/writer.ts";

/**
 * What the lab needs to know of a kind of device. A platform knows its own command line from its
 * vendor's words as far as they are known, never from the drivers that are tested against it.
 */
export interface Platform {
  name: string;
  /** What the SSH server calls itself after `SSH-2.0-`. */
  ident: string;
  /** Session channels one connection may have open at a time. */
  channels: number;
  /** Whether the device closes the connection once a session or an exec request has ended. */
  hangsUp: boolean;
  /** What ends a line where the client asked for no terminal. */
  plainNewline: "\r\n" | "\n";
  telnet: TelnetLogin;
  boot(seed: Seed, chassis: Chassis): Machine;
}

/** What is said at a Telnet login. `{host}` stands for the device's name. */
export interface TelnetLogin {
  /** Printed first. */
  banner: string;
  name: string;
  password: string;
  /** Printed when the two do not fit; a wrong login may be followed by others, up to three. */
  refused: string;
}

/** What makes one device different from the others of its platform. */
export interface Seed {
  /** From 0; serial and MAC addresses are derived from it. */
  index: number;
  hostname: string;
  username: string;
  password: string;
  /** Password of the privileged mode, where the platform has one; empty: none is asked for. */
  enable: string;
  /** 15 lands privileged at login, where the platform knows the difference. */
  privilege: 1 | 15;
}

/** The hardware around a device's software. */
export interface Chassis {
  clock: Clock;
  /** Sessions open now. */
  lines(): readonly Line[];
  /** Closes every connection, as a restart does. */
  hangUpAll(): void;
}

/** A device's software: one for each device, shared by its sessions. */
export interface Machine {
  hostname(): string;
  runningConfig(): string;
  startupConfig(): string;
  accepts(username: string, password: string): boolean;
  /** Serves an interactive session until the device ends it or it is closed. */
  shell(line: Line): Promise<void>;
  /** Answers one exec request; returns its exit status. */
  exec(line: Line, command: string): Promise<number>;
}

/** A line that was typed at a device, or an exec request. */
export interface Received {
  /** `******` where it was typed without echo. */
  text: string;
  /** How it ended: only `enter` and `end` (Ctrl-Z) make a device act on its text. */
  end: LineEnd;
  hidden: boolean;
  /** The prompt it was typed at; empty for an exec request and for an interrupt while a command runs. */
  prompt: string;
}

/** One session, as the device's software sees it. */
export interface Line {
  /** Counts the connections of a device from 1. */
  session: number;
  /** Position in the device's pool of terminal lines, from 0. */
  vty: number;
  user: string;
  /** Address of the other side. */
  peer: string;
  terminal: Terminal;
  out: PacedWriter;
  /** What ends a line of output. */
  newline: "\r\n" | "\n";
  /** Height of the other side's screen, 0 when unknown. */
  rows(): number;
  isClosed(): boolean;
  /** Calls back after that time, or at once when the session closes; the call comes exactly once. */
  after(ms: number, run: () => void): Timer;
  /** Monotonic time of the last input. */
  lastInput(): number;
  latencyMs(): number;
  /** A test's own answer to a command, null for the platform's. */
  answerTo(command: string): string | null;
  /** Whether the device is to stop here, and how. */
  breakAt(point: Point): Break | null;
  /** Stops, once everything printed has gone out. Resolves when the session is closed. */
  breakOff(how: Break): Promise<void>;
  /** What becomes of a command's output: `flood` repeats it without end, `garble` puts dirt into it. */
  spoils(): "flood" | "garble" | null;
  /** For what is random on this device. */
  dice(): Dice;
  record(entry: Received): void;
  /** The device is done with the line that was recorded last. */
  answered(): void;
}
