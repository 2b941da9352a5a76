import type { Chassis, Seed } from "../platform.ts";
import type { PagerLook } from "../terminal/pager.ts";
import type { ConfigEntry, ConfigLook, LineOrder } from "./config-tree.ts";
import type { FilterName } from "./filter.ts";
import type { ParamTypes } from "./params.ts";

/** A command line of the Cisco family, as data: modes with their commands, and a few words of its own. */
export interface CliDefinition {
  name: string;
  ident: string;
  channels: number;
  hangsUp: boolean;
  plainNewline: "\r\n" | "\n";
  dialect: Dialect;
  types: ParamTypes;
  modes: Readonly<Record<string, Mode>>;
  /** Mode at login, and the one that `end` leads to and `do` borrows its commands from. */
  firstMode(state: CliState, user: string): string;
  execMode: string;
  /** One line on each keyword, for `?`. */
  help: Readonly<Record<string, string>>;
  look: ConfigLook;
  /** The configuration of a device fresh from the box. */
  factory(seed: Seed): ConfigEntry;
  accepts(state: CliState, username: string, password: string): boolean;
  /** Printed at login, before the first prompt. */
  greeting(state: CliState): string;
  /** Asks for any key after that. */
  pressKey?: string;
  showConfig(state: CliState, config: ConfigEntry): string;
}

export interface Mode {
  kind: "exec" | "config";
  /** May begin with lines of its own. */
  prompt(hostname: string, where: Where): string;
  /** Where `exit` leads; null: out. */
  parent: string | null;
  /** The mode that takes what this one does not know. */
  fallback?: string;
  commands: readonly Command[];
  /** Where lines stand within its sections. */
  order?: LineOrder;
}

/** What some prompts show beside the device's name. */
export interface Where {
  user: string;
  /** The section that lines of configuration go to. */
  section: ConfigEntry;
  /** Lines were given that are not committed. */
  dirty: boolean;
  /** The name of the candidate that lines change; null: it has none, or there is no candidate. */
  candidate: string | null;
  /** The running configuration is not the one at the next start. */
  unsaved: boolean;
  /** Lines typed so far. */
  typed: number;
}

/** A command line's words where platforms differ. */
export interface Dialect {
  refuse(problem: Problem): string;
  pager: PagerLook;
  filters: readonly FilterName[];
  /** Whether Ctrl-C in a configuration mode ends it. */
  interruptLeavesConfig: boolean;
  /** Whether Ctrl-C and Ctrl-Z show as `^C` and `^Z`. */
  showsControl: boolean;
  /** Whether a line is painted anew, with its prompt, when it has ended. */
  repaints?: boolean;
  /** Whether Ctrl-D on an empty line ends the session. */
  eofEnds: boolean;
  defaultHostname: string;
  /** The line of the configuration that names the device, where it stands at its top. */
  hostnameSetting: string;
  /** The device's name, where it stands elsewhere. */
  hostnameIn?: (config: ConfigEntry) => string | undefined;
  /** Takes a line of configuration away. */
  negation: "no" | "undo";
  /** What lines begin with that are remarks. */
  comment: string;
  /** Commands that show something: they have a pipe. */
  shows: RegExp;
  /** What lines begin with that are commands, given in a configuration mode; what it matches is cut off. */
  borrows: RegExp;
  /**
   * Whether the screen's height is the page length, unless the session says otherwise. A function tells the length
   * from the configuration; 0: no paging.
   */
  pagesByDefault: boolean | ((running: ConfigEntry) => number);
  /** Printed before the answer to an exec request. */
  execLead: string;
  /** Exit status of an exec request that was refused. */
  execFailure: number;
}

/** Why a line was refused. `at` is where in the line. */
export interface Problem {
  kind: "invalid" | "ambiguous" | "incomplete" | "filter" | "pattern";
  line: string;
  at: number;
  /** The word that was not understood. */
  word: string;
  promptLength: number;
}

/** What a command's handler works with. Handlers return what is to be printed. */
export interface Call {
  session: Session;
  state: CliState;
  args: Readonly<Record<string, string>>;
  /** The command with its keywords written out. */
  line: string;
  negated: boolean;
}

/** What is printed; null: nothing. */
export type Answer = string | null;
export type Handler = (call: Call) => Answer | Promise<Answer>;

/** A handler that prints nothing. */
export function silently(act: (call: Call) => void): Handler {
  return (call) => {
    act(call);
    return null;
  };
}

export interface Command {
  syntax: string;
  /** What it does. A command without is a line of configuration. */
  run?: Handler;
  /** The mode it opens; the line becomes the header of a section. */
  opens?: string;
  /** The lines a new section has. */
  born?: readonly string[];
  /**
   * Which lines it replaces: by default the one that begins with the same keywords; a number counts
   * the words that must be the same; `line`: none, several stand side by side.
   */
  slot?: "line" | number;
  /** `kept`: the `no` form is a line of its own. */
  no?: "kept" | "only";
  /** It is the default and thus no line: it only takes the `no` form away. */
  implied?: boolean;
  /** Why the line cannot be taken, as the device says it; `null`: it can. */
  check?: (call: Call) => Answer;
  /** The line to keep in place of the one given, e.g. with a secret hashed. */
  keep?: (call: Call) => string;
  /** What the device says to a `no` that removes nothing. */
  absent?: string;
}

/** A device's software state, shared by its sessions. */
export interface CliState {
  seed: Seed;
  chassis: Chassis;
  running: ConfigEntry;
  startup: ConfigEntry;
  /** Monotonic time of the (pretended) start. */
  bootedAt: number;
  /** Wall-clock time of the last change and who made it; null since the start. */
  changed: { at: number; by: string } | null;
  saved: { at: number; by: string } | null;
  /** The running configuration is on trial: `before` comes back at `until`, a monotonic time. */
  trial: { before: ConfigEntry; until: number } | null;
  /** Candidates that have a name, and stay when the session is left. */
  pending: Map<string, ConfigEntry>;
  /** Who alone may change the configuration; over when that session is. */
  lock: { session: number; user: string } | null;
}

/** What handlers may do with the session they run in. */
export interface Session {
  readonly user: string;
  readonly session: number;
  readonly vty: number;
  mode: string;
  /** The section that lines of configuration go to. */
  section: ConfigEntry;
  /** The configuration that lines change: the running one, or this session's candidate for it. */
  readonly root: ConfigEntry;
  /** Lines were given to a candidate that are not committed. */
  readonly dirty: boolean;
  /** From now on lines change a copy, or what has that name among those that are pending. */
  openCandidate(name?: string): void;
  /** Of the candidate, where it has one. */
  readonly candidateName: string | null;
  /** The copy becomes the running configuration; lines go on changing it. */
  commitCandidate(): void;
  /** Forgets that copy. */
  dropCandidate(): void;
  /** The running configuration has changed since the candidate was opened. */
  readonly outdated: boolean;
  /** Lines of a page; 0: no paging. */
  pageLength: number;
  width: number;
  write(text: string): void;
  /** Asks a question; null when the session is gone or the question was broken off. */
  ask(question: string, options?: { hidden: boolean }): Promise<string | null>;
  /** Asks for Enter or `y`. */
  confirm(question: string): Promise<boolean>;
  /** Waits on the lab's clock; false when interrupted meanwhile. */
  sleep(ms: number): Promise<boolean>;
  /** Waits until what was written has gone out; false when interrupted meanwhile. */
  flushed(): Promise<boolean>;
  /** Ends the session after this command. */
  leave(): void;
  enter(mode: string, section?: ConfigEntry): void;
  history(): readonly string[];
  /** What commands of a platform want to remember of a session. */
  readonly notes: Set<string>;
}
