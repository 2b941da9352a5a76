import { expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { platforms } from "../../../drivers/cli/platforms/index.ts";
import { DeviceError } from "../../../src/device/driver.ts";
import { FakeClock } from "../../support/clock.ts";
import { parseTranscript } from "../../support/transcript.ts";
import { BabblingDevice } from "./support/babbling.ts";
import { commands, config, type Outcome, open, run } from "./support/session.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const junk = [
  "\r\n",
  "\n",
  "\r",
  "\b",
  "\x1b[K",
  "\x1b[",
  "\x1b]0;",
  "show clock",
  "terminal width 511",
  "%",
  "12:00",
];
const questions = ["Password: ", " --More-- ", "[confirm]", "% Invalid input detected at '^' marker.\r\n"];
const promptLike = ["Router>", "Router#", "Router(config)#", "Switch#", "Router", ">", "#"];

function answers(words: string[]) {
  const chunk = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...words).map(encode) },
    { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 20 }).map(withoutPrompt) },
  );
  return fc.array(fc.array(chunk, { maxLength: 12 }), { maxLength: 8 });
}

/** Random bytes that hold no end of a prompt. */
function withoutPrompt(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte) => byte !== 0x3e && byte !== 0x23);
}

const login = ["terminal width 511", "terminal length 0"].map((line) => [encode(`${line}\r\nRouter>`)]);

/** Logs in, runs a command or a line of configuration, and lets all the time pass that any wait may take. */
async function outcomeOf(
  device: BabblingDevice,
  kind: "command" | "config",
  deviceType = "cisco_ios",
): Promise<Outcome> {
  const clock = new FakeClock();
  const finished = (async () => {
    try {
      const session = await open(device, { deviceType, clock, secret: "secret-of-test" });
      const operation = kind === "command" ? commands("show clock") : config("hostname a");
      return await run(session, operation, { read_timeout: 10, enable_mode: false });
    } catch (error) {
      return { outputs: [], ok: [], error };
    }
  })();
  let ended = false;
  void finished.then(() => {
    ended = true;
  });
  for (let seconds = 0; !ended && seconds < 300; seconds += 5) await clock.advance(5_000);
  expect({ ended, timers: clock.timers }).toEqual({ ended: true, timers: 0 });
  return await finished;
}

test("whatever a device says, a run ends in time, well or with a DeviceError", async () => {
  const words = [...junk, ...questions, ...promptLike];
  await fc.assert(
    fc.asyncProperty(answers(words), fc.constantFrom("command", "config"), async (spoken, kind) => {
      const device = new BabblingDevice([[encode("Router>")], ...login, ...spoken]);
      const { error } = await outcomeOf(device, kind);
      if (error !== null) expect(error).toBeInstanceOf(DeviceError);
    }),
    { numRuns: 1000 },
  );
}, 60_000);

test("whatever it says first, the login ends in time, well or with a DeviceError", async () => {
  const words = [...junk, ...questions, ...promptLike];
  await fc.assert(
    fc.asyncProperty(answers(words), async (spoken) => {
      const { error } = await outcomeOf(new BabblingDevice(spoken), "command");
      if (error !== null) expect(error).toBeInstanceOf(DeviceError);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("without a prompt nothing succeeds", async () => {
  await fc.assert(
    fc.asyncProperty(answers([...junk, ...questions]), async (spoken) => {
      const device = new BabblingDevice([[encode("Router>")], ...login, ...spoken]);
      const { ok, error } = await outcomeOf(device, "command");
      expect(ok).toEqual([null]);
      expect(error).toBeInstanceOf(DeviceError);
      expect(device.ended).toBe(true);
    }),
    { numRuns: 200 },
  );
}, 60_000);

/** What a device of the platform prints, true or not: prompts of all modes, questions, refusals, commits. */
async function wordsOf(deviceType: string): Promise<string[]> {
  const file = Bun.file(join(import.meta.dir, "platforms", `${deviceType}.transcript`));
  const { steps } = parseTranscript(await file.text());
  return [...new Set(steps.flatMap((step) => ("prints" in step ? [`${step.prints}`] : [])))];
}

test.each(platforms.map(({ deviceType }) => [deviceType]))(
  "whatever a device says that is %s, a session ends in time, well or with a DeviceError",
  async (deviceType) => {
    const words = [...(await wordsOf(deviceType)), ...junk];
    await fc.assert(
      fc.asyncProperty(answers(words), fc.constantFrom("command", "config"), async (spoken, kind) => {
        const { error } = await outcomeOf(new BabblingDevice(spoken), kind, deviceType);
        if (error !== null) expect(error).toBeInstanceOf(DeviceError);
      }),
      { numRuns: 200 },
    );
  },
  60_000,
);
