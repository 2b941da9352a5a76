import { describe, expect, test } from "bun:test";
import { PIPE } from "../../../src/cli/online/terminal.ts";
import { showWaiting } from "../../../src/cli/online/waiting.ts";
import { FakeClock } from "../../support/clock.ts";

function waiting(terminal: { err: boolean; columns?: number }, look?: () => Promise<string>) {
  const clock = new FakeClock();
  const said: string[] = [];
  const io = { out() {}, err: (text: string) => void said.push(text) };
  const done = Promise.withResolvers<string>();
  const waited = { text: "job_1", ...(look && { look }) };
  const shown = showWaiting({ io, clock, terminal: { ...PIPE, ...terminal } }, waited, done.promise);
  return { clock, said, done, shown };
}

describe("what is waited for", () => {
  test("is said from the first second on, with the time, and taken away at the end", async () => {
    const { clock, said, done, shown } = waiting({ err: true });
    await clock.advance(900);
    expect(said).toEqual([]);
    await clock.advance(1200);
    done.resolve("ended");
    expect(await shown).toBe("ended");
    expect(said).toEqual(["\rjob_1  1 s\x1b[K", "\rjob_1  2 s\x1b[K", "\r\x1b[K"]);
    expect(clock.timers).toBe(0);
  });

  test("is asked for every other second; what fails leaves what was said", async () => {
    const answers = [async () => "queued:\n2 before it", async () => Promise.reject(new Error("away"))];
    let asked = 0;
    const { clock, said, done, shown } = waiting({ err: true, columns: 24 }, async () => {
      const answer = answers[asked++];
      return answer === undefined ? "started" : await answer();
    });
    await clock.advance(5000);
    expect(asked).toBe(3);
    expect(said[1]).toBe("\rqueued: 2 before …  1 s\x1b[K");
    expect(said.at(-2)).toBe("\rqueued: 2 before …  5 s\x1b[K");
    expect(said.at(-1)).toBe("\rstarted  5 s\x1b[K");
    done.reject(new Error("lost"));
    await expect(shown).rejects.toThrow("lost");
    expect(said.at(-1)).toBe("\r\x1b[K");
  });

  test("is not said where nobody looks, nor where it took no second", async () => {
    const pipe = waiting({ err: false });
    await pipe.clock.advance(5000);
    pipe.done.resolve("");
    await pipe.shown;
    const short = waiting({ err: true });
    short.done.resolve("");
    await short.shown;
    expect([pipe.said, short.said, short.clock.timers]).toEqual([[], [], 0]);
  });
});
