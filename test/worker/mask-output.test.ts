import { afterEach, describe, expect, test } from "bun:test";
import type { ExecRequest } from "../../src/engine/engine.ts";
import { DirectTemplates } from "../support/direct-templates.ts";
import type { Script } from "../support/scripted-driver.ts";
import { endWorlds, world } from "../support/world.ts";

afterEach(endWorlds);

/** Prints a configuration whose secrets are cut by the borders of its chunks. */
const showRun: Script = async function* () {
  yield { kind: "start", index: 0 };
  for (const text of [
    "hostname r1\nenable sec",
    "ret 9 $9$sa",
    "lt$hash\nsnmp-server community ",
    "pub",
    "lic RO\nend",
  ])
    yield { kind: "data", index: 0, stream: "stdout", text };
  yield { kind: "end", index: 0, ok: true, exitStatus: null };
};

const PLAIN = "hostname r1\nenable secret 9 $9$salt$hash\nsnmp-server community public RO\nend";
const MASKED = "hostname r1\nenable secret 9 ******\nsnmp-server community ****** RO\nend";

async function stdoutOf(given: Partial<ExecRequest>, script = showRun) {
  const it = await world(script);
  await it.addNode("a");
  const job = await it.submit(given);
  const { outputs } = await it.until(job, "finished");
  return { stdout: outputs?.[0]?.stdout, events: await eventsOf(it, job.id) };
}

async function eventsOf({ engine }: Awaited<ReturnType<typeof world>>, id: string): Promise<string> {
  const events: string[] = [];
  const follow = engine.follow({ id, from: null, signal: new AbortController().signal });
  for await (const event of follow) events.push(JSON.stringify(event));
  return events.join("\n");
}

const command = { operation: { kind: "command", text: "show running-config" } } as const;
const config = { operation: { kind: "config", text: "enable secret 9 $9$salt$hash" } } as const;

describe("secrets in what a device prints", () => {
  test.each([
    ["of a config are hidden", config, MASKED],
    ["of a command are shown", command, PLAIN],
    ["of a command are hidden where the request says so", { ...command, maskOutput: true }, MASKED],
    ["of a config are shown where the request says so", { ...config, maskOutput: false }, PLAIN],
  ])("%s, as they are in its events", async (_, given, expected) => {
    const { stdout, events } = await stdoutOf(given);
    expect(stdout).toBe(expected);
    if (expected === MASKED) expect(events).not.toContain("$9$salt");
  });

  test("are hidden from parsers too, so that records, their reasons and their events hold none", async () => {
    const it = await world(showRun);
    await it.addNode("a", {
      templating: { templates: new DirectTemplates(), maxCommands: 5, maxParsed: 10_000 },
    });
    const regex = (template: string) => ({ name: "regex", template, platform: null, options: {} }) as const;
    const fsm = "Value X (\\S+)\n\nStart\n  ^snmp -> Error\n";
    for (const [parsing, found, reason] of [
      [regex("community (?P<community>\\S+)"), [{ community: "******" }], null],
      [regex("(?P<hash>\\$9\\$\\S+)"), [], null],
      [{ ...regex(fsm), name: "textfsm" }, null, expect.stringContaining("input line 3")],
    ] as const) {
      const job = await it.submit({ ...command, maskOutput: true, parsing });
      const { outputs } = await it.until(job, "finished");
      expect(outputs?.map(({ parsed, parseError }) => [parsed, parseError])).toEqual([
        [found as never, reason],
      ]);
      expect(await eventsOf(it, job.id)).not.toMatch(/public|\$9\$/);
    }
  });

  test("are hidden where a run breaks off in the middle of a line, and what came before is kept", async () => {
    const it = await world(async function* () {
      yield { kind: "start", index: 0 };
      yield { kind: "data", index: 0, stream: "stdout", text: "so far\nsnmp-server community pub" };
      throw new Error("broken");
    });
    await it.addNode("a");
    const { outputs } = await it.until(await it.submit({ ...command, maskOutput: true }), "failed");
    expect(outputs?.[0]?.stdout).toBe("so far\nsnmp-server community ******");
  });

  test("each stream of each command has lines of its own", async () => {
    const { stdout } = await stdoutOf({ ...command, maskOutput: true }, async function* () {
      yield { kind: "start", index: 0 };
      yield { kind: "data", index: 0, stream: "stdout", text: "password " };
      yield { kind: "data", index: 0, stream: "stderr", text: "a warning\n" };
      yield { kind: "data", index: 0, stream: "stdout", text: "hunter2\n" };
      yield { kind: "end", index: 0, ok: true, exitStatus: 0 };
    });
    expect(stdout).toBe("password ******\n");
  });

  test("that the request gave are hidden as well", async () => {
    const { stdout } = await stdoutOf(
      {
        ...command,
        maskOutput: true,
        connectionArgs: { host: "10.0.0.1", username: "u", password: "a-known-one" },
      },
      async function* () {
        yield { kind: "start", index: 0 };
        for (const text of ["you typed a-kno", "wn-one"])
          yield { kind: "data", index: 0, stream: "stdout", text };
        yield { kind: "end", index: 0, ok: true, exitStatus: 0 };
      },
    );
    expect(stdout).toBe("you typed ******");
  });
});
