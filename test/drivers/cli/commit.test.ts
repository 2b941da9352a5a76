import { describe, expect, test } from "bun:test";
import { DeviceError } from "../../../src/device/driver.ts";
import { FakeClock } from "../../support/clock.ts";
import { ends, prints, ReplayDevice, reads, type Step } from "../../support/replay.ts";
import { config, open, run } from "./support/session.ts";
import { told } from "./transcripts.ts";

const prompt = "\r\n[edit]\r\nops@mx1# ";

const login: Step[] = [
  prints("ops@mx1> "),
  ...["set cli screen-width 511", "set cli screen-length 0", "set cli complete-on-space off"].flatMap(
    (line) => told(line, "ops@mx1> "),
  ),
  ...told("configure exclusive", prompt),
  ...told("set system domain-name a", prompt),
];

const trial = told(
  "commit confirmed 1",
  prompt,
  "commit confirmed will be automatically rolled back in 1 minutes unless confirmed\r\ncommit complete\r\n",
);

async function configured(steps: Step[], signal?: AbortSignal) {
  const clock = new FakeClock();
  const device = new ReplayDevice([...login, ...steps]);
  const session = await open(device, { deviceType: "juniper_junos", clock });
  const running = run(
    session,
    config("set system domain-name a"),
    { commit_confirm: 60, read_timeout: 10 },
    signal,
  );
  return { clock, device, running };
}

/** As much time as it takes. */
async function passes(clock: FakeClock, running: Promise<unknown>): Promise<void> {
  let ended = false;
  void running.then(() => {
    ended = true;
  });
  while (!ended) await clock.advance(1_000);
}

describe("a commit on trial", () => {
  test("is confirmed by the prompt after another line, and by nothing before it", async () => {
    const { clock, device, running } = await configured([...trial, reads("\n")]);
    while (!device.typed.endsWith("commit confirmed 1\n\n")) await clock.settle();
    await passes(clock, running);
    const { error } = await running;
    expect(error).toMatchObject({ type: "TimeoutError", retryable: true });
    expect(String(error)).toContain(
      "the commit was not confirmed, so the device takes it back within 60 s: the device stays silent",
    );
    expect(device.typed).not.toContain("\ncommit\n");
  });

  test("that cuts the device off is said to be taken back", async () => {
    const { running } = await configured([reads("commit confirmed 1\n"), ends("the connection was lost")]);
    const { error } = await running;
    expect(error).toMatchObject({ type: "ConnectionError" });
    expect(String(error)).toContain("the device takes it back within 60 s: the connection was lost");
  });

  test("that is refused was none, and is not taken back", async () => {
    const leaving = [
      reads("exit configuration-mode\n"),
      prints("exit configuration-mode\r\nDiscard uncommitted changes? [yes,no] (yes) "),
      reads("yes\n"),
      prints("yes\r\nExiting configuration mode\r\n\r\nops@mx1> "),
    ];
    const refused = told("commit confirmed 1", prompt, "error: configuration check-out failed\r\n");
    const { device, running } = await configured([...refused, ...leaving]);
    const { error } = await running;
    expect(error).toMatchObject({
      type: "ConfigError",
      message: "the commit failed: error: configuration check-out failed",
    });
    await new FakeClock().settle();
    expect(device.done).toBe(true);
  });

  test("during which the job is aborted ends with the reason", async () => {
    const abort = new AbortController();
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const { clock, device, running } = await configured([...trial, reads("\n")], abort.signal);
    while (!device.typed.endsWith("commit confirmed 1\n\n")) await clock.settle();
    abort.abort(stop);
    await passes(clock, running);
    expect((await running).error).toBe(stop);
  });
});

test("a commit whose answer never came may have taken place: its lines stay as they were answered", async () => {
  const device = new ReplayDevice([...login, reads("commit\n"), ends("the connection was lost")]);
  const session = await open(device, { deviceType: "juniper_junos" });
  const { ok, error } = await run(session, config("set system domain-name a"), {});
  expect(error).toMatchObject({ type: "ConnectionError" });
  expect(String(error)).toContain("whether the commit took place is not known: the connection was lost");
  expect(ok).toEqual([true]);
});

test("a commit that does not say that it is complete is a failure", async () => {
  const device = new ReplayDevice([
    ...login,
    ...told("commit", prompt, "re0:\r\n"),
    ...told("exit configuration-mode", "ops@mx1> "),
  ]);
  const session = await open(device, { deviceType: "juniper_junos" });
  const { error } = await run(session, config("set system domain-name a"), {});
  expect(error).toMatchObject({ type: "ConfigError", message: "the commit failed: re0:" });
});

test("secrets do not come back in what a commit says", async () => {
  const device = new ReplayDevice([
    ...login,
    ...told("commit", prompt, "error: cannot use hunter2-secret here\r\n"),
    ...told("exit configuration-mode", "ops@mx1> "),
  ]);
  const session = await open(device, { deviceType: "juniper_junos", secrets: ["hunter2-secret"] });
  const { error } = await run(session, config("set system domain-name a"), {});
  expect(String(error)).toContain("the commit failed: error: cannot use");
  expect(String(error)).not.toContain("hunter2-secret");
});

test("a device that asks on and on is not answered for ever", async () => {
  const question = "Discard uncommitted changes? [yes,no] (yes) ";
  const asking = Array.from({ length: 17 }, () => [prints(`\r\n${question}`), reads("yes\n")]).flat();
  const device = new ReplayDevice([
    ...login,
    ...told("commit", prompt, "commit complete\r\n"),
    reads("exit configuration-mode\n"),
    ...asking.slice(0, -1),
  ]);
  const clock = new FakeClock();
  const session = await open(device, { deviceType: "juniper_junos", clock });
  const running = run(session, config("set system domain-name a"), {});
  await passes(clock, running);
  expect((await running).error).toMatchObject({ type: "PromptError" });
  expect(String((await running).error)).toContain("asks on and on");
});
