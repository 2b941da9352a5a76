import { DeviceError, type SessionFrame } from "../../../src/device/driver.ts";
import type { Candidate, Platform, Question, Rehearsed } from "../platform.ts";
import { commit, succeeded } from "./commit.ts";
import { RefusalScan } from "./refusal.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { listing, readRunningConfig, type Showing, shown, shownChanges } from "./running-config.ts";
import { denial, tell } from "./tell.ts";
import { type InText, textLines } from "./text-block.ts";

/** More than configurations are deep. */
const MAX_LEVELS = 8;

/** What configuring needs of the session it is done in. */
export interface Configuring extends Showing {
  /** See {@link commit}. */
  trial: number | undefined;
  save: boolean;
  /** Configuration mode is not left at the end. */
  stays: boolean;
  /** Leads into configuration mode, in place of the platform's command. */
  enterBy: string | undefined;
  /** What would change is shown, and nothing is put into force. */
  dryRun: boolean;
  /** What has changed is shown. */
  diff: boolean;
  rehearsal: Rehearsal;
  /** Types a line; returns the device's words when it refused it. */
  exchange(
    index: number,
    line: string,
    more: { questions: readonly Question[]; inText: InText | undefined },
  ): AsyncGenerator<SessionFrame, string | null>;
}

/**
 * Types lines in configuration mode until one is refused, puts them into force where the platform wants
 * to be told, leaves the mode, shows what has changed, and saves. After a failure the caller leaves the mode. Lines
 * that are dropped with a candidate end a second time, as not `ok`.
 */
export async function* configure(lines: readonly string[], task: Configuring): AsyncGenerator<SessionFrame> {
  const { candidate, rehearsal, configMode, privilegedMode, title } = task.platform;
  if (configMode === null) throw new DeviceError("ConfigError", `${title} has no configuration mode`);
  if (task.dryRun && rehearsal !== null) return yield* rehearse(lines, task, rehearsal);
  // Asked for by the job like its lines, though the platform knows the words.
  if (task.save && task.platform.save !== null) task.dialogue.assertMayType(task.platform.save.send);
  const before = task.diff ? await readRunningConfig(task) : null;
  await enter(task, configMode);
  if (candidate !== null) yield* typeCandidate(lines, task, configMode, candidate);
  else yield* showingFailure(typeInForce(lines, task, configMode), task, before, lines.length);
  if (!task.stays) await task.go(privilegedMode);
  if (before !== null) yield* shownChanges(task, before, lines.length);
  if (task.save) await save(task);
}

/** A line that was refused leaves those before it in force: what they have changed is shown as well. */
async function* showingFailure(
  typing: AsyncGenerator<SessionFrame>,
  task: Configuring,
  before: string | null,
  index: number,
): AsyncGenerator<SessionFrame> {
  try {
    yield* typing;
  } catch (error) {
    const answers = error instanceof DeviceError && error.type === "ConfigError" && task.dialogue.atPrompt;
    if (before === null || !answers || task.dialogue.aborted) throw error;
    try {
      yield* shownChanges(task, before, index);
    } catch {
      // The refusal is what the job is told.
    }
    throw error;
  }
}

/** By another command than the platform's, where the job says so. */
async function enter(
  { dialogue, platform, telling, go, enterBy }: Configuring,
  configMode: string,
): Promise<void> {
  const step = platform.modes[platform.privilegedMode]?.steps[configMode];
  if (enterBy === undefined || step === undefined || dialogue.mode === configMode)
    return await go(configMode);
  await go(platform.privilegedMode);
  // The job's words, though they are typed as a step of the platform.
  dialogue.assertMayType(enterBy);
  const { text, prompt } = await tell(dialogue, { ...step, send: enterBy }, telling);
  if (prompt.mode === configMode) return;
  const said = JSON.stringify(text.trim().slice(0, 300));
  throw (
    denial(step, text) ??
    new DeviceError("ConfigError", `config_mode_command did not lead there: the device said ${said}`)
  );
}

async function* typeLines(
  lines: readonly string[],
  task: Configuring,
  modes: readonly string[],
  questions: readonly Question[],
): AsyncGenerator<SessionFrame> {
  const { places } = textLines(lines, task.platform.texts);
  let open = false;
  for (const [index, line] of lines.entries()) {
    if (!isIn(task, modes)) throw leftEarly(index);
    // A device that shows its prompt behind the line that was to begin a text has begun none.
    const inText: InText | undefined = places[index] === "goes on" && !open ? undefined : places[index];
    const refusal = yield* task.exchange(index, line, { questions, inText });
    open = inText !== undefined && !task.dialogue.atPrompt;
    if (refusal !== null) throw refused(task, index, task.words(refusal));
  }
}

function isIn({ dialogue }: Configuring, modes: readonly string[]): boolean {
  return modes.includes(dialogue.mode ?? "");
}

/** Where lines are typed. */
function configModes({ levels }: Platform, configMode: string): string[] {
  return [configMode, ...(levels === null ? [] : [levels.mode])];
}

/** Lines that are in force at once, or when the level is closed in which they stand. */
async function* typeInForce(
  lines: readonly string[],
  task: Configuring,
  configMode: string,
): AsyncGenerator<SessionFrame> {
  const { levels } = task.platform;
  let open: number[] = [];
  try {
    for await (const frame of typeLines(lines, task, configModes(task.platform, configMode), [])) {
      if (frame.kind === "end" && frame.ok) {
        const waits =
          levels?.mode === task.dialogue.mode && levels?.applies?.test(lines[frame.index] ?? "") === false;
        open = waits ? [...open, frame.index] : [];
      }
      yield frame;
    }
    await closeLevels(task, lines);
  } catch (error) {
    yield* dropped(open);
    throw error;
  }
}

/** What the last lines left open takes effect when it is closed, and may be refused then. */
async function closeLevels(task: Configuring, lines: readonly string[]): Promise<void> {
  const { dialogue, platform, telling, words } = task;
  const { levels, renames } = platform;
  const renamed = lines.some((line) => renames?.test(line));
  for (let closed = 0; levels !== null && dialogue.mode === levels.mode && closed < MAX_LEVELS; closed++) {
    const { text } = await tell(dialogue, { send: levels.close }, { ...telling, renamed });
    const scan = new RefusalScan(platform.refusals, "config");
    scan.take(text);
    if (scan.refusal === null) continue;
    const refusal = words(scan.refusal);
    throw new DeviceError(
      "ConfigError",
      `${JSON.stringify(levels.close)} after the last line was refused: ${refusal}`,
    );
  }
}

async function* typeCandidate(
  lines: readonly string[],
  task: Configuring,
  configMode: string,
  candidate: Candidate,
): AsyncGenerator<SessionFrame> {
  const { platform } = task;
  await assertOwn(task, candidate);
  const modes = configModes(platform, configMode);
  const taken = new Set<number>();
  let typing = true;
  try {
    for await (const frame of typeLines(lines, task, modes, leavingQuestions(platform, configMode))) {
      if (frame.kind === "end" && frame.ok) taken.add(frame.index);
      yield frame;
    }
    if (!isIn(task, modes)) throw leftUncommitted(lines.length);
    if (task.dryRun) return yield* dryRun(task, candidate, lines.length);
    typing = false;
    const renamed = lines.some((line) => platform.renames?.test(line));
    await commit({ ...task, candidate, telling: { ...task.telling, renamed } });
  } catch (error) {
    const denied = error instanceof DeviceError && /^Config/.test(error.type);
    if (typing || denied || task.trial !== undefined) yield* dropped(taken);
    throw error;
  }
}

/** The device shows what a commit would change; then it is dropped. */
async function* dryRun(
  task: Configuring,
  { diff, drop }: Candidate,
  index: number,
): AsyncGenerator<SessionFrame> {
  if (diff === null) throw new Error("unchecked dry run");
  yield* shown(index, diff, await listing(task, diff));
  if (drop !== undefined) await tell(task.dialogue, drop, task.telling);
}

/** Lines in a session that is dropped, where without one they would be in force. */
async function* rehearse(
  lines: readonly string[],
  task: Configuring,
  rehearsed: Rehearsed,
): AsyncGenerator<SessionFrame> {
  const { dialogue, rehearsal, telling, go } = task;
  const { mode, level, diff } = rehearsed;
  await rehearsal.open(rehearsed, telling);
  const taken = new Set<number>();
  try {
    for await (const frame of typeLines(lines, task, [mode, level], [])) {
      if (frame.kind === "end" && frame.ok) taken.add(frame.index);
      yield frame;
    }
    if (!isIn(task, [mode, level])) throw leftUncommitted(lines.length);
    if (dialogue.mode === level) await go(mode);
    yield* shown(lines.length, diff, await listing(task, diff));
    await rehearsal.drop(telling);
  } catch (error) {
    yield* dropped(taken);
    throw error;
  }
}

/** What others have typed and not committed must be neither committed nor dropped. */
async function assertOwn(task: Configuring, { pending }: Candidate): Promise<void> {
  if (pending === undefined) return;
  const { text } = await tell(task.dialogue, { send: pending.send }, task.telling);
  if (!pending.says.test(text)) return;
  await task.go(task.platform.privilegedMode);
  throw new DeviceError("ConfigLocked", "the configuration has changes that someone has not committed", {
    retryable: true,
  });
}

function* dropped(indexes: Iterable<number>): Generator<SessionFrame> {
  for (const index of indexes) yield { kind: "end", index, ok: false, exitStatus: null };
}

/** A line may itself leave a candidate, and the device then asks what becomes of it. */
function leavingQuestions({ candidate, modes, privilegedMode }: Platform, configMode: string) {
  if (candidate === null) return [];
  return modes[configMode]?.steps[privilegedMode]?.questions ?? [];
}

async function save({ dialogue, platform, telling, words, go }: Configuring): Promise<void> {
  if (platform.save === null) return;
  const { mode = platform.privilegedMode } = platform.save;
  await go(mode);
  const { text } = await tell(dialogue, platform.save, telling);
  await go(platform.privilegedMode);
  if (succeeded(platform, platform.save, text)) return;
  const said = words(text.trim().slice(-300));
  throw new DeviceError("ConfigError", `the configuration is applied but was not saved: ${said}`);
}

function refused({ platform, dryRun }: Configuring, index: number, words: string): DeviceError {
  const applied = platform.candidate === null && !dryRun ? "" : "; nothing was committed";
  return new DeviceError("ConfigError", `line ${index + 1} was refused: ${words}${applied}`);
}

function leftEarly(index: number): DeviceError {
  return new DeviceError(
    "ConfigError",
    `line ${index} left configuration mode, so line ${index + 1} and those after it were not sent`,
  );
}

function leftUncommitted(line: number): DeviceError {
  return new DeviceError(
    "ConfigError",
    `line ${line} left configuration mode, so there was nothing to commit`,
  );
}
