import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { nextMode } from "../../../drivers/cli/engine/modes.ts";
import { type Prompt, Prompts } from "../../../drivers/cli/engine/prompts.ts";
import { RefusalScan } from "../../../drivers/cli/engine/refusal.ts";
import type { Platform } from "../../../drivers/cli/platform.ts";
import { platformOf, platforms } from "../../../drivers/cli/platforms/index.ts";
import { DeviceError } from "../../../src/device/driver.ts";
import { FakeClock } from "../../support/clock.ts";
import { patternCost, patternsOf } from "../../support/pattern-cost.ts";
import { CUTS, type Cut, ReplayDevice } from "../../support/replay.ts";
import { parseTranscript, type Transcript } from "../../support/transcript.ts";
import type { PlatformTable } from "./platforms/table.ts";
import { open, run } from "./support/session.ts";

/**
 * The proof of every platform, from two files of `platforms/` named after it: the table of its lines
 * (`NAME.ts`) and a session (`NAME.transcript`). One without them fails.
 */
const folder = join(import.meta.dir, "platforms");
const proofs = await Promise.all(platforms.map(proofOf));

async function proofOf(platform: Platform) {
  const { deviceType } = platform;
  const { default: table }: { default: PlatformTable } = await import(join(folder, `${deviceType}.ts`));
  const transcript = parseTranscript(await Bun.file(join(folder, `${deviceType}.transcript`)).text());
  return [deviceType, { platform, table, transcript }] as const;
}

test("every file is some platform's", () => {
  const known = new Set(
    platforms.flatMap(({ deviceType }) => [`${deviceType}.ts`, `${deviceType}.transcript`]),
  );
  expect(readdirSync(folder).filter((name) => name !== "table.ts" && !known.has(name))).toEqual([]);
});

test("every name is one platform's", () => {
  const names = platforms.flatMap(({ deviceType, aliases }) => [deviceType, ...aliases]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe.each(proofs)("%s", (_name, { platform, table, transcript }) => {
  const { modes, privilegedMode, configMode, commandModes, candidate, levels } = platform;
  const dropsAll = candidate !== null || (levels?.applies ?? null) !== null;

  test("every mode leads to the privileged one, and that to the configuration", () => {
    for (const mode of Object.keys(modes)) {
      if (mode !== privilegedMode) expect(nextMode(platform, mode, privilegedMode)).not.toBeNull();
    }
    if (configMode !== null && configMode !== privilegedMode)
      expect(nextMode(platform, privilegedMode, configMode)).toBe(configMode);
    for (const mode of [privilegedMode, ...commandModes]) expect(Object.keys(modes)).toContain(mode);
    for (const mode of Object.keys(platform.onMode)) expect(Object.keys(modes)).toContain(mode);
  });

  test("a candidate is dropped by leaving it: the question that comes is foreseen, or none comes", () => {
    if (candidate === null || configMode === null) return;
    const leaving = modes[configMode]?.steps[privilegedMode];
    const drops = candidate.drop !== undefined || /\bdiscard\b/.test(leaving?.send ?? "");
    if (!drops) expect(leaving?.questions ?? []).not.toEqual([]);
  });

  test("every mode has prompts in the table", () => {
    const proven = new Set(table.prompts.map(([, mode]) => mode));
    expect(Object.keys(modes).filter((mode) => !proven.has(mode))).toEqual([]);
    for (const part of [table.notPrompts, table.refusals]) expect(part).not.toEqual([]);
  });

  test.each(table.prompts)("%j is a prompt of mode %s", (line, mode, host) => {
    expect(match(new Prompts(platform), line)).toMatchObject({ mode, host });
    expect(match(new Prompts(platform), ` ${line} `)).toMatchObject({ mode, host });
  });

  test.each(table.notPrompts)("%s is no prompt", (line) => {
    expect(new Prompts(platform).match(line)).toBeNull();
  });

  test.each(["x".repeat(5000), `${"x".repeat(300)}#`, `${"x".repeat(300)}>`, "", "%", "#", ">"])(
    "%s is no prompt of any device",
    (line) => {
      expect(new Prompts(platform).match(line)).toBeNull();
    },
  );

  test("the device's other prompts are known from the first one", () => {
    const [first] = table.prompts;
    const prompts = new Prompts(platform);
    const learned = match(prompts, first?.[0] ?? "");
    if (learned === null) throw new Error("the table's first prompt is none");
    prompts.learn(learned);
    const mine = table.prompts.filter(([, , host]) => host === first?.[2]);
    for (const [line] of mine) expect([line, match(prompts, line)?.known]).toEqual([line, true]);
    for (const line of table.otherDevices) expect([line, prompts.match(line)?.known]).toEqual([line, false]);
  });

  test.each(table.refusals)("%j is refused", (output, words) => {
    for (const kind of ["command", "config"] as const) {
      expect(refusal(platform, kind, [output])).toBe(words);
      expect(refusal(platform, kind, output.match(/.*\n/g) ?? [])).toBe(words);
    }
  });

  test.each([["", ""] as const, ...table.configRefusals].slice(1))(
    "%j is a refusal of a line of configuration",
    (output, words) => {
      expect(refusal(platform, "config", [output])).toBe(words);
    },
  );

  test("answers to commands and notices to lines of configuration are no refusals", () => {
    const refused = [
      ...["\n\n", "  ^\n", ...table.answers].filter((text) => refusal(platform, "command", [text]) !== null),
      ...["\n\n", ...table.notices].filter((text) => refusal(platform, "config", [text]) !== null),
    ];
    expect(refused).toEqual([]);
  });

  test("its patterns take no more than linear time", () => {
    const patterns = patternsOf(platform);
    expect(patterns.length).toBeGreaterThan(3);
    expect(patterns.filter(({ pattern }) => patternCost(pattern) > MAX_COST)).toEqual([]);
  });

  test("the transcript says whether anybody saw such a session", () => {
    expect(transcript.source).toMatch(/^(?:composed, not recorded: |measured on |recorded from )/);
  });

  test("the transcript is its own", () => {
    expect([platform.deviceType, ...platform.aliases]).toContain(transcript.deviceType);
    expect(transcript.jobs.map(({ operation }) => operation.kind)).toContain("command");
    if (configMode !== null)
      expect(transcript.jobs.some(({ error }) => error?.[0] === "ConfigError")).toBe(true);
  });

  test.each(CUTS.map((cut) => [JSON.stringify(cut), cut] as const))(
    "the transcript, cut %s",
    async (_cut, cut) => {
      expect(await replay(transcript, cut)).toEqual(
        transcript.jobs.map(({ operation, driverArgs, outputs, ok, error }) => ({
          outputs,
          // What was not committed is dropped, and what stands in a level that was not closed.
          ok:
            operation.kind === "config" && (dropsAll || driverArgs.dry_run === true) && error !== null
              ? ok.map(() => false)
              : ok,
          error: error === null ? null : [error[0], expect.stringContaining(error[1])],
        })),
      );
    },
  );
});

/** A prompt, maybe with the line above it. */
function match(prompts: Prompts, text: string): Prompt | null {
  const at = text.lastIndexOf("\n");
  return prompts.match(text.slice(at + 1), at < 0 ? undefined : text.slice(0, at).trim());
}

/** Steps for each character of the longest line a pattern sees. */
const MAX_COST = 100;

function refusal(platform: Platform, kind: "command" | "config", blocks: readonly string[]): string | null {
  const scan = new RefusalScan(platform.refusals, kind);
  for (const block of blocks) scan.take(block);
  return scan.refusal;
}

/** What a device that is not known is given to be silent. */
const SETTLE_MS = 500;

/** The outcome of every job. The clock stands still, where prompts are known: nothing may wait for a silent device. */
async function replay(transcript: Transcript, cut: Cut) {
  const device = new ReplayDevice(transcript.steps, cut);
  const clock = new FakeClock();
  const outcomes = outcomesOf(transcript, device, clock);
  let typed = "";
  for (let idle = 0; idle < 5; idle++) {
    if ((await Promise.race([outcomes, new FakeClock().settle()])) !== undefined) return await outcomes;
    if (device.waitsFor === null || device.typed !== typed) idle = 0;
    else if (platformOf(transcript.deviceType)?.learnsPrompt) await clock.advance(SETTLE_MS);
    typed = device.typed;
  }
  const waiting = `typed ${JSON.stringify(device.typed.slice(-80))}, then both sides wait; next is ${JSON.stringify(device.waitsFor)}`;
  throw new Error(waiting);
}

async function outcomesOf({ deviceType, secret, jobs }: Transcript, device: ReplayDevice, clock: FakeClock) {
  const session = await open(device, { deviceType, clock, ...(secret === undefined ? {} : { secret }) });
  const outcomes = [];
  for (const { operation, driverArgs } of jobs) {
    const { outputs, ok, error } = await run(session, operation, driverArgs);
    if (error !== null && !(error instanceof DeviceError)) throw error;
    outcomes.push({ outputs, ok, error: error === null ? null : [error.type, error.message] });
  }
  // The device may have a last space to print behind its prompt.
  await new FakeClock().settle();
  expect(device.done).toBe(true);
  return outcomes;
}
