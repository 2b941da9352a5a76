import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { KEY } from "../api/client.ts";
import { aJob, anEndedJob } from "../api/memory-engine.ts";
import { freePort } from "../support/ports.ts";
import { program, run } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";
import { clientWorld } from "./support/api.ts";

const ENTRY = resolve(import.meta.dir, "../../src/client/index.ts");

async function bundle() {
  const built = await Bun.build({ entrypoints: [ENTRY], target: "browser", format: "esm", metafile: true });
  const [output] = built.outputs;
  if (!built.success || output === undefined) throw new Error(built.logs.join("\n"));
  return { code: await output.text(), inputs: Object.keys(built.metafile?.inputs ?? {}) };
}

describe("bundled for a browser, the client", () => {
  test("is its own files and a few of core: nothing of the server, of Bun or of Node", async () => {
    const { code, inputs } = await bundle();
    const others = inputs.filter((file) => !file.startsWith("src/client/"));
    expect(others.sort()).toEqual(["src/core/clock.ts", "src/core/ids.ts", "src/core/job.ts"]);
    expect(code).not.toMatch(/\bBun\b|\bprocess\.|\bBuffer\b|node:|\brequire\(/);
    expect(code.length).toBeLessThan(64 * 1024);
  });

  test("runs without Bun: it calls a real API from Node", async () => {
    const { engine, url } = await clientWorld();
    engine.add(aJob());
    engine.onWait = async () => void Object.assign(engine.all[0] ?? {}, anEndedJob());
    engine.onFollow = async function* () {
      yield { kind: "state", job: anEndedJob(), place: { attempts: 1, offset: 0 } };
    };
    const folder = tempDir("browser");
    await Bun.write(folder.file("client.mjs"), (await bundle()).code);
    await Bun.write(
      folder.file("main.mjs"),
      `import { Netpulse, NotFound } from "./client.mjs";
       const [url, apiKey, closed] = process.argv.slice(2);
       const client = new Netpulse({ url, apiKey });
       const { status } = await client.jobs.wait("job_1");
       const events = [];
       for await (const { type } of client.jobs.events("job_1")) events.push(type);
       const gone = await client.jobs.get("none").catch((error) => error instanceof NotFound);
       const refused = await new Netpulse({ url: closed, retryForMs: 0 }).jobs.list().catch((error) => error.unsent);
       console.log(JSON.stringify({ status, events, gone, refused }));`,
    );
    const { code, stdout, stderr } = await run([
      program("node", "nodejs"),
      folder.file("main.mjs"),
      url,
      KEY,
      `http://127.0.0.1:${await freePort()}`,
    ]);
    folder.remove();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ status: "finished", events: ["end"], gone: true, refused: true });
  });
});

test("the package offers it by name", async () => {
  const here = await import("../../src/client/index.ts");
  expect(await import("netpulse/client")).toBe(here);
});
