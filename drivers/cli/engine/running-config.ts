import { DeviceError, type SessionFrame } from "../../../src/device/driver.ts";
import type { Platform } from "../platform.ts";
import type { Dialogue } from "./dialogue.ts";
import { unifiedDiff } from "./diff.ts";
import { RefusalScan } from "./refusal.ts";
import type { TellOptions } from "./tell.ts";

/** More than configurations are long; two of them are held. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

export interface Showing {
  dialogue: Dialogue;
  platform: Platform;
  telling: TellOptions;
  go(mode: string): Promise<void>;
  /** Hides secrets in the device's words. */
  words(text: string): string;
}

/** What is in force, less the lines that change by themselves. */
export async function readRunningConfig(task: Showing): Promise<string> {
  const { runningConfig, privilegedMode, title } = task.platform;
  if (runningConfig === null) throw new Error(`unchecked diff on ${title}`);
  await task.go(privilegedMode);
  const text = await listing(task, runningConfig.send);
  const kept = text.split("\n").filter((line) => !runningConfig.ignores.some((each) => each.test(line)));
  return kept.join("\n");
}

/** All that a line makes a device print. Throws a `ConfigError` when that is a refusal, or too much. */
export async function listing(
  { dialogue, platform, telling, words }: Showing,
  line: string,
): Promise<string> {
  const parts: string[] = [];
  let size = 0;
  const scan = new RefusalScan(platform.refusals, "command");
  const waiting = { after: `after ${JSON.stringify(line)}`, seconds: telling.seconds };
  dialogue.send(line);
  for (;;) {
    const reply = await dialogue.next(waiting);
    if (reply.kind === "prompt") break;
    if (reply.kind !== "text") continue;
    scan.take(reply.text);
    size += reply.text.length;
    if (size <= MAX_CHARACTERS) parts.push(reply.text);
  }
  const quoted = JSON.stringify(line);
  if (size > MAX_CHARACTERS)
    throw new DeviceError(
      "ConfigError",
      `${quoted} prints more than the ${MAX_CHARACTERS} characters that are compared`,
    );
  if (scan.refusal === null) return parts.join("");
  throw new DeviceError("ConfigError", `${quoted} was refused: ${words(scan.refusal)}`);
}

/** What a job shows behind its lines: `command` says how it came about. */
export function* shown(index: number, command: string, text: string): Generator<SessionFrame> {
  yield { kind: "start", index, command };
  if (text !== "") yield { kind: "data", index, stream: "stdout", text };
  yield { kind: "end", index, ok: true, exitStatus: null };
}

/** Reads what is in force now, and shows what differs from before. */
export async function* shownChanges(
  task: Showing,
  before: string,
  index: number,
): AsyncGenerator<SessionFrame> {
  const after = await readRunningConfig(task);
  yield* shown(index, `diff of ${task.platform.runningConfig?.send}`, unifiedDiff(before, after));
}
