import { beforeEach, describe, expect, test } from "bun:test";
import { auditCommand } from "../../../src/cli/online/commands/audit.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ audit: auditCommand });
  const entry = {
    actor: "ci",
    outcome: "done",
    host: "10.0.0.1",
    site: null,
    batch: null,
  } as const;
  await world.audit.appendAudit({
    entries: [
      { ...entry, action: "exec", job: "job_1", detail: "show version" },
      { ...entry, action: "config", outcome: "refused", job: null, detail: "reload\x1b[2J", actor: "noc" },
    ],
  });
});

describe("netpulse audit", () => {
  test("prints lines, a table, CSV or JSON, newest first", async () => {
    const { code, out } = await world.netpulse(["audit"]);
    expect(code).toBe(0);
    const [refused = "", done = ""] = out.split("\n");
    expect(refused).toEndWith("\tnoc\tconfig\trefused\t\t10.0.0.1\t\t\treload␛[2J");
    expect(done).toEndWith("\tci\texec\tdone\t\t10.0.0.1\tjob_1\t\tshow version");
    const table = await world.netpulse(["audit"], { terminal: { ...people(), columns: 200 } });
    expect(table.out).toContain("\x1b[31mrefused");
    expect((await world.netpulse(["audit", "--csv"])).out).toStartWith(
      "at,key,action,outcome,site,host,job,",
    );
    expect(JSON.parse((await world.netpulse(["audit", "--json"])).out)).toHaveLength(2);
  });

  test("narrows, and reads no more than is wanted", async () => {
    const lines = async (...argv: string[]) =>
      (await world.netpulse(["audit", ...argv])).out.split("\n").length - 1;
    expect(await lines("--key", "ci")).toBe(1);
    expect(await lines("--outcome", "refused", "--action", "config")).toBe(1);
    expect(await lines("--job", "job_1", "--host", "10.0.0.1")).toBe(1);
    expect(await lines("--batch", "batch_1")).toBe(0);
    expect(await lines("--site", "bonn")).toBe(0);
    expect(await lines("--until", "2024-01-01T00:00:00Z")).toBe(0);
    expect(await lines("--since", "2024-01-01T00:00:00Z", "--limit", "1")).toBe(1);
  });

  test.each([
    [["--outcome", "refsed"], "Did you mean refused?"],
    [["--hots", "a"], "Did you mean --host?"],
    [["extra"], "too many arguments"],
  ])("%p is wrong usage", async (more, message) => {
    const { code, err } = await world.netpulse(["audit", ...more]);
    expect({ code, said: err.includes(message) }).toEqual({ code: 2, said: true });
  });
});
