/**
 * What the CLI engine knows about a kind of device. A platform is data: a file under `platforms/`, listed
 * in `platforms/index.ts`, with real prompts in its test.
 *
 * Patterns are matched against one line without its end and without trailing space, at most 256
 * characters of it; they are anchored at both ends where they describe a whole line, and linear.
 */
export interface Platform {
  /** The request's `device_type`. */
  deviceType: string;
  /** Other values of `device_type` that mean the same. */
  aliases: readonly string[];
  /** Those that mean it over Telnet. */
  telnet: readonly string[];
  /** What people call it. */
  title: string;
  /** What its users should know, for the documentation. */
  remarks: readonly string[];
  /** The platform's name in ntc-templates; `null` when there is none. */
  ntcName: string | null;
  /** Appended to the user name at login: options that the device reads from it. */
  loginOptions: string;
  /** What ends a line that is typed. */
  enter: string;
  /** Interrupts what runs: sent when a job is aborted. */
  interrupt: string;
  /** Typed before a `?`, which would ask for help otherwise; `null` when the CLI takes it as it is. */
  literalNext: string | null;
  /** Whether the device repeats what is typed. Without echo no line of output is taken for one. */
  echo: boolean;
  /** What is typed is read by a shell. */
  shell: boolean;
  /** Some prompts show only this many characters of the host name; `null` when none does. */
  hostCut: number | null;
  /**
   * The prompt is whatever the device shows after the login once it stays silent; its group `host` is all of it. A
   * prompt that changes costs a short wait each time.
   */
  learnsPrompt: boolean;
  /** How `autodetect` tells it from others; `null` where it cannot. The first platform of the list that fits is taken. */
  detect: Detection | null;
  /** A whole line above the prompt that belongs to it, like Junos' `[edit]`; `null` when there is none. */
  promptHead: RegExp | null;
  /** Everywhere the CLI can stand; the first whose prompt fits a line is taken. */
  modes: Readonly<Record<string, Mode>>;
  /** Modes in which commands are run, the least privileged first. */
  commandModes: readonly string[];
  /** Where `enable_mode` goes. */
  privilegedMode: string;
  /**
   * Where configuration is typed; `null` when none is. The privileged mode itself where lines of configuration
   * are commands like others.
   */
  configMode: string | null;
  /** Lines of configuration behind which a text of several lines is typed, without prompts. */
  texts: readonly TextBlock[];
  /** What lines of configuration open and must close again; `null` where leaving `configMode` closes everything. */
  levels: Levels | null;
  /** What SSH's login may ask beside name and password, and what to answer; `prompt` is a part of the question. */
  loginAnswers: readonly { prompt: string; answer: string }[];
  /** What may be asked between the login and the first prompt. */
  onLogin: readonly Question[];
  /** Sent once after login; refusals do not matter. Width first: long lines wrap in the echo otherwise. */
  onOpen: readonly string[];
  /** The same, sent when a mode is first reached on purpose: what the login's mode does not allow. */
  onMode: Readonly<Record<string, readonly string[]>>;
  /** The question of a pager, and what makes it go on. */
  pager: { question: RegExp; answer: string } | null;
  refusals: Refusals;
  /** Lines that change the host name, and with it the prompt. */
  renames: RegExp | null;
  /** Lines take effect together, when they are committed; `null` where each does at once. */
  candidate: Candidate | null;
  /** How a dry run is made where lines take effect at once otherwise; `null` where it cannot. */
  rehearsal: Rehearsed | null;
  /** Shows what is in force; `null` where one command does not. Typed in the privileged mode. */
  runningConfig: RunningConfig | null;
  /** Makes the running configuration permanent; `null` when there is nothing to do. */
  save: Save | null;
}

export interface Detection {
  /** A command that is harmless on every device. */
  send: string;
  /** Each is looked for in the lines that it prints. */
  says: readonly RegExp[];
}

export interface Mode {
  /** The whole prompt. Its group `host` is the device's name. */
  prompt: RegExp;
  /** The line above the prompt (one of `promptHead`), where the prompt alone does not tell modes apart. */
  head?: RegExp;
  /** Lines that fit `prompt` but are no prompt of this mode. */
  not?: RegExp;
  /** `host` may go on with `-` and the name of a view: `[core-GigabitEthernet0/0/1]`. */
  views?: true;
  /** How to get from here to a neighbour, by the neighbour's name. */
  steps: Readonly<Record<string, Step>>;
}

export interface TextBlock {
  /** The line that begins the text, up to its group `mark`, where something ends it that the line itself says. */
  begins: RegExp;
  /** The line that ends it, where that is always the same. */
  ends: string | null;
}

export interface Levels {
  /** The mode whose prompts show such a level. */
  mode: string;
  /** Closes one after the last line of a job, so that what was typed in it takes effect. */
  close: string;
  /**
   * Lines within, after which what was typed before them is in force: the way out drops what is not. `null` where
   * each line is at once.
   */
  applies: RegExp | null;
}

export interface Step {
  send: string;
  /** It leads up a level of several: it is taken again as long as the prompt changes. */
  climbs?: true;
  /** Questions that may come instead of a prompt. */
  questions?: readonly Question[];
  /** What the device says when it does not let us, and what that means. Otherwise a `PromptError`. */
  denials?: readonly Denial[];
  /** Seconds of silence that are usual for it, where that is longer than a job may say. */
  seconds?: number;
}

export interface Question {
  /** What stands on the unfinished line. */
  asks: RegExp;
  /** `secret`: the connection's `secret`. It is asked for once; the second time it was wrong. */
  answer: "secret" | { text: string };
  /** `asks` may fit output as well: it counts once the device is silent behind it. */
  loose?: true;
}

export interface Denial {
  says: RegExp;
  type: "AuthenticationError" | "ConfigLocked" | "ConfigError";
  message: string;
}

/**
 * How the device says no. A refusal starts a line, and is either the first thing a command prints or the
 * last; in between it is output that quotes one.
 */
export interface Refusals {
  /** First characters of any refusal, so that most lines are told apart without a pattern. */
  command: readonly RegExp[];
  /** More of them, for lines of configuration, whose answers are short and hold no data. */
  config: readonly RegExp[];
  /** Lines that may stand before a refusal: the caret under the mistake, log messages. */
  preamble: readonly RegExp[];
}

export interface RunningConfig {
  send: string;
  /** Lines that change by themselves: times, counters. */
  ignores: readonly RegExp[];
}

export interface Save extends Step {
  /** Where it is typed; the privileged mode, if nothing is said. */
  mode?: string;
  /** Must be among what the device prints; `null` where it prints nothing: saving without a refusal is one. */
  success: RegExp | null;
}

/**
 * Configuration that is collected until it is committed. The step that leaves configuration mode drops
 * what was not: its questions are answered so, or `drop` is typed before it.
 */
export interface Candidate {
  /** Typed before the first line where all sessions share a candidate: `says` that there is something in it already. */
  pending?: { send: string; says: RegExp };
  /** Empties a candidate that would outlive the session. Typed when a run has failed. */
  drop?: Step;
  commit: Commit;
  /** Typed in configuration mode: shows what would change; `null` where nothing does. */
  diff: string | null;
  /** Typed after a commit that failed: shows why, where the device does not say so itself. */
  explain: string | null;
  /** A commit that the device takes back by itself; `null` where there is none. */
  trial: Trial | null;
}

/**
 * A configuration of its own that the device keeps under a name, in which lines can be typed and shown. The step from
 * `mode` to the privileged mode drops it; the way from `level` there may leave it as it is.
 */
export interface Rehearsed {
  /** Its top. */
  mode: string;
  /** What lines open in it; leads to `mode`, and to the privileged mode. */
  level: string;
  /** Typed in the privileged mode. `{unique}` stands for a word that no one else has. */
  enter: Step;
  /** Typed in `mode`: shows what would change. */
  diff: string;
  /** Lines that reach beyond it. */
  outside: RegExp;
}

export interface Commit extends Step {
  /** Must be among what the device prints; `null` where it prints nothing: a commit without a denial is one. */
  success: RegExp | null;
}

export interface Trial {
  /** `{time}` stands for the time until it is taken back. */
  send: string;
  /** Seconds in one unit of `{time}`. */
  unit: number;
  /** Bounds, in seconds. */
  min: number;
  max: number;
  success: RegExp | null;
  /** Makes it permanent, where another commit does not. */
  confirm?: string;
}

/** A platform as its file gives it: what most have in common may be left out. */
type PlatformDefinition = Pick<
  Platform,
  "deviceType" | "title" | "modes" | "commandModes" | "privilegedMode" | "configMode" | "onOpen" | "refusals"
> &
  Partial<Platform>;

export function definePlatform(definition: PlatformDefinition): Platform {
  return {
    aliases: [],
    telnet: [],
    remarks: [],
    ntcName: null,
    loginOptions: "",
    enter: "\n",
    interrupt: "\x03",
    literalNext: null,
    echo: true,
    shell: false,
    hostCut: null,
    learnsPrompt: false,
    detect: null,
    promptHead: null,
    loginAnswers: [],
    onLogin: [],
    onMode: {},
    pager: null,
    renames: null,
    texts: [],
    levels: null,
    candidate: null,
    rehearsal: null,
    runningConfig: null,
    save: null,
    ...definition,
  };
}
