import { describe, expect, test } from "bun:test";
import type { JobError } from "../../src/core/job.ts";
import { Admission, type AdmissionTerms, type Visitor } from "../../src/worker/admission.ts";
import { GENEROUS } from "../support/admission.ts";
import { FakeClock } from "../support/clock.ts";

const BREAKING = { failures: 3, openForMs: 30_000, longestMs: 300_000 };
const UNREACHABLE = error("ConnectionError", "10.0.0.1 port 22 refused the connection", true);
const REFUSED = error("AuthenticationError", "login of u on 10.0.0.1 failed: refused password", false);

function error(type: JobError["type"], message: string, retryable: boolean): JobError {
  return { type, message, retryable };
}

function admissionWith(terms: Partial<AdmissionTerms> = { devices: BREAKING, logins: BREAKING }) {
  const clock = new FakeClock();
  const admission = new Admission(clock, { ...GENEROUS, ...terms });
  const visitor = (change: Partial<Visitor["device"]> = {}, credential = "u"): Visitor => ({
    device: { site: null, host: "10.0.0.1", port: 22, ...change },
    credential,
  });
  const enter = (who = visitor(), signal = new AbortController().signal) => admission.enter(who, signal);
  const fail = async (times: number, how: JobError, who = visitor()) => {
    for (let n = 0; n < times; n++) (await enter(who)).failed(how);
  };
  return { clock, admission, visitor, enter, fail };
}

describe("a device that cannot be reached", () => {
  test("is left alone: jobs fail at once with the last reason and the time of the next attempt", async () => {
    const { enter, fail, admission } = admissionWith();
    await fail(3, UNREACHABLE);
    await expect(enter()).rejects.toMatchObject({
      type: "CircuitOpen",
      retryable: true,
      message:
        "10.0.0.1:22 failed 3 times in a row and is left alone; the next attempt is let through at " +
        "2024-01-01T00:00:30.000Z, in 30 s. The last failure: 10.0.0.1 port 22 refused the connection",
    });
    expect(admission.counters()).toMatchObject({
      connects: { begun: 3, opened: 0, failed: 3, loginsRefused: 0 },
      turnedAway: { byDevice: 1, byLogin: 0 },
      breakers: { devices: { open: 1, halfOpen: 0, counting: 0 } },
    });
  });

  test("is another than the same address at another site or port", async () => {
    const { enter, fail, visitor } = admissionWith();
    await fail(3, UNREACHABLE);
    await enter(visitor({ site: "berlin" }));
    await enter(visitor({ port: 2222 }));
    await expect(enter(visitor({}, "another user"))).rejects.toMatchObject({ type: "CircuitOpen" });
  });

  test("is tried by one job when its time is over; the others are told so", async () => {
    const { clock, enter, fail } = admissionWith();
    await fail(3, UNREACHABLE);
    await clock.advance(30_000);
    const trial = await enter();
    const turnedAway = enter();
    await expect(turnedAway).rejects.toThrow(/it is being tried just now/);
    trial.opened();
    await enter();
  });

  test("turns away also those who had been waiting for one of its places", async () => {
    const { enter, fail, visitor } = admissionWith({ perDevice: 1, devices: BREAKING });
    await fail(2, UNREACHABLE);
    const last = await enter();
    const waiting = Promise.allSettled([enter(), enter(visitor({}, "another user"))]);
    last.failed(UNREACHABLE);
    const turnedAway = { status: "rejected", reason: { type: "CircuitOpen" } };
    expect(await waiting).toMatchObject([turnedAway, turnedAway]);
  });

  test.each([
    ["a login that was refused", REFUSED],
    ["a host key that changed", error("HostKeyError", "it has changed", false)],
    ["what no time mends", error("ConnectionError", "no common key exchange", false)],
  ])("has been reached where it shows %s", async (_what, how) => {
    const { enter, fail, visitor } = admissionWith({ devices: BREAKING });
    await fail(2, UNREACHABLE);
    await fail(1, how);
    await fail(2, UNREACHABLE);
    await enter(visitor({}, "another user"));
  });

  test("is not judged by a job that was cut short, nor by a fault of ours", async () => {
    const { enter, fail } = admissionWith();
    await fail(2, UNREACHABLE);
    (await enter()).leave();
    await fail(3, error("InternalError", "the driver failed", false));
    await enter();
    await fail(1, UNREACHABLE);
    await expect(enter()).rejects.toMatchObject({ type: "CircuitOpen" });
  });
});

describe("credentials that a device refuses again and again", () => {
  test("are not sent to it for a while: the same error, with the reason, and nothing to retry", async () => {
    const { enter, fail, admission } = admissionWith();
    await fail(3, REFUSED);
    await expect(enter()).rejects.toMatchObject({
      type: "AuthenticationError",
      retryable: false,
      message:
        "10.0.0.1:22 refused these credentials 3 times in a row; so that the account is not locked they are not " +
        "sent; the next attempt is let through at 2024-01-01T00:00:30.000Z, in 30 s. " +
        "The last refusal: login of u on 10.0.0.1 failed: refused password",
    });
    expect(admission.counters()).toMatchObject({
      connects: { begun: 3, loginsRefused: 3 },
      turnedAway: { byDevice: 0, byLogin: 1 },
    });
  });

  test("keep nobody else from the device, and are welcome elsewhere", async () => {
    const { enter, fail, visitor } = admissionWith();
    await fail(3, REFUSED);
    await enter(visitor({}, "another user"));
    await enter(visitor({ host: "10.0.0.2" }));
  });

  test("are sent once more when the time is over", async () => {
    const { clock, enter, fail } = admissionWith();
    await fail(3, REFUSED);
    await clock.advance(30_000);
    await fail(1, REFUSED);
    await expect(enter()).rejects.toThrow(/in 60 s/);
    await clock.advance(60_000);
    (await enter()).opened();
    await fail(2, REFUSED);
    await enter();
  });
});

describe("the wait", () => {
  test("for a connection's turn can be given up, and gives its place back", async () => {
    const { clock, enter, admission } = admissionWith({ perDevice: 2, connects: { perSecond: 1, burst: 1 } });
    await enter();
    const abort = new AbortController();
    const late = new Error("the deadline passed");
    const waiting = enter(undefined, abort.signal);
    await clock.settle();
    expect(admission.counters().waiting).toBe(1);
    abort.abort(late);
    await expect(waiting).rejects.toBe(late);
    const next = enter();
    await clock.advance(1_000);
    await next;
  });

  test("for a place ends when a session leaves, once however often it says so", async () => {
    const { clock, enter } = admissionWith({ perDevice: 1 });
    const first = await enter();
    const entered: string[] = [];
    for (const name of ["b", "c"]) void enter().then(() => entered.push(name));
    first.leave();
    first.leave();
    first.failed(UNREACHABLE);
    await clock.settle();
    expect(entered).toEqual(["b"]);
  });
});
