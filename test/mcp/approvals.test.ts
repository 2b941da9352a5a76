import { describe, expect, test } from "bun:test";
import { Approvals, PATIENCE_MS, type Proposal } from "../../src/mcp/approvals.ts";
import { FakeClock } from "../support/clock.ts";

const signal = new AbortController().signal;
const terms = { connection_args: { host: "192.0.2.1", port: 22 }, config: ["a"] };
const proposal = (more: Partial<Proposal> = {}): Proposal => ({
  text: "?",
  terms,
  token: undefined,
  ...more,
});

async function tokenFrom(approvals: Approvals, more: Partial<Proposal> = {}): Promise<string> {
  const consent = await approvals.consent(proposal(more), null, signal);
  if (consent.given) throw new Error("given without being asked");
  return String(consent.answer.content.confirm);
}

describe("a token", () => {
  test("counts for the same terms, whatever their order", async () => {
    const approvals = new Approvals(new FakeClock(0), "any");
    const token = await tokenFrom(approvals);
    const turned = { config: ["a"], connection_args: { port: 22, host: "192.0.2.1" } };
    expect(await approvals.consent(proposal({ terms: turned, token }), null, signal)).toEqual({
      given: true,
    });
  });

  test.each([
    ["another device", { ...terms, connection_args: { host: "192.0.2.2", port: 22 } }],
    ["another line", { ...terms, config: ["b"] }],
    ["a line as text", { ...terms, config: "a" }],
    ["something more", { ...terms, driver_args: {} }],
  ])("does not count for %s, and is spent by the try", async (_what, other) => {
    const approvals = new Approvals(new FakeClock(0), "any");
    const token = await tokenFrom(approvals);
    expect((await approvals.consent(proposal({ terms: other, token }), null, signal)).given).toBe(false);
    expect((await approvals.consent(proposal({ token }), null, signal)).given).toBe(false);
  });

  test("counts for a while only, and in its own session only", async () => {
    const clock = new FakeClock(0);
    const approvals = new Approvals(clock, "any");
    const token = await tokenFrom(approvals);
    const elsewhere = new Approvals(clock, "any");
    expect((await elsewhere.consent(proposal({ token }), null, signal)).given).toBe(false);
    await clock.advance(PATIENCE_MS);
    expect((await approvals.consent(proposal({ token }), null, signal)).given).toBe(false);
  });

  test("of any number that were asked for the last are kept", async () => {
    const approvals = new Approvals(new FakeClock(0), "any");
    const first = await tokenFrom(approvals);
    for (let n = 0; n < 31; n++) await tokenFrom(approvals);
    const last = await tokenFrom(approvals);
    expect((await approvals.consent(proposal({ token: first }), null, signal)).given).toBe(false);
    expect((await approvals.consent(proposal({ token: last }), null, signal)).given).toBe(true);
  });
});

describe("where the client can ask its user", () => {
  const said = (word: "yes" | "no" | "unanswered") => async () => word;

  test("the user decides, and a token counts for nothing", async () => {
    const approvals = new Approvals(new FakeClock(0), "any");
    const token = await tokenFrom(approvals);
    expect(await approvals.consent(proposal({ token }), said("no"), signal)).toMatchObject({
      given: false,
      answer: { failed: true, content: { applied: false, error: expect.stringContaining("declined") } },
    });
    expect((await approvals.consent(proposal(), said("unanswered"), signal)).given).toBe(false);
    expect((await approvals.consent(proposal(), said("yes"), signal)).given).toBe(true);
  });
});

test("where the user's consent alone counts, a client that cannot ask gets no token", async () => {
  const approvals = new Approvals(new FakeClock(0), "user");
  const consent = await approvals.consent(proposal(), null, signal);
  expect(consent).toMatchObject({ given: false, answer: { failed: true } });
  expect(JSON.stringify(consent)).not.toContain('confirm":');
});
