/** How a device misbehaves, and what that looks like from outside; `netpulse lab --help` prints it. */
export const FAULTS = {
  none: "behaves",
  "stall-connect": "takes no TCP connection: its queue of them is full (Linux, IPv4)",
  "stall-banner": "takes the TCP connection and says nothing",
  "stall-kex": "says that it speaks SSH, and nothing after that",
  "stall-auth": "never answers a login",
  "stall-prompt": "lets one in and never shows a prompt",
  "stall-output": "goes silent in the middle of what a command prints",
  "stall-config": "goes silent at the second line typed in configuration mode",
  "drop-banner": "hangs up before it has said anything",
  "drop-kex": "hangs up after it has said that it speaks SSH",
  "drop-auth": "hangs up at the login",
  "drop-prompt": "hangs up before the first prompt",
  "drop-output": "hangs up in the middle of what a command prints",
  "drop-config": "hangs up at the second line typed in configuration mode",
  flood: "prints without end, whatever is typed",
  trickle: "prints one byte a second",
  garble: "mixes control characters, broken UTF-8 and false prompts into what it prints (see --seed)",
} as const;

export type Fault = keyof typeof FAULTS;

/** Places on a connection's way at which a device may stop, in their order. */
export type Point = "connect" | "banner" | "kex" | "auth" | "prompt" | "output" | "config";

/** `stall`: says nothing any more, whatever comes. `drop`: hangs up. */
export type Break = "stall" | "drop";

export const FAULT_NAMES = Object.keys(FAULTS) as Fault[];

export function isFault(name: string): name is Fault {
  return Object.hasOwn(FAULTS, name);
}

/** What a device with this fault does at this point; null: it goes on. */
export function breakAt(fault: Fault, point: Point): Break | null {
  if (fault === `stall-${point}`) return "stall";
  return fault === `drop-${point}` ? "drop" : null;
}
