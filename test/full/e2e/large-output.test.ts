import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Api, resultOf } from "../../e2e/support/api.ts";
import { startDevice } from "../../e2e/support/device.ts";
import { on } from "../../e2e/support/held-job.ts";
import { descendants } from "../../e2e/support/processes.ts";
import { startNetpulse } from "../../support/netpulse.ts";

setDefaultTimeout(300_000);

const LINE = `${"Lorem ipsum dolor sit amet, consectetur adipiscing elit ".repeat(2).slice(0, 99)}\n`;
const LINES = 4_000_000;
/** The runtime grows by some 240 MB under any long stream before it collects; a copy of the output would be 400 more. */
const MAX_MB = 380;

test("400 MB of one command go through in bounded memory, and are read back whole", async () => {
  await using netpulse = await startNetpulse({
    env: { NETPULSE_JOB__MAX_OUTPUT: "600MiB", NETPULSE_JOB__INLINE_OUTPUT: "1MiB" },
  });
  await using device = await startDevice();
  device.handle.answer("show inventory", LINE.repeat(LINES).trimEnd());
  const api = new Api(netpulse);
  const warm = await api.run(on(device, { command: "show clock" }));
  expect(warm.status).toBe("finished");
  const atRest = await peaks(netpulse.pid);

  const { id } = await api.exec(on(device, { command: "show inventory" }));
  const result = resultOf(await api.ended(id, 240_000));
  expect(result).toMatchObject({ type: "success", truncated: true, outputs: [{ ok: true }] });

  const headers = { "X-API-KEY": netpulse.key };
  const response = await fetch(`${netpulse.url}/job/${id}/output?text=true`, { headers });
  const hash = new Bun.CryptoHasher("sha256");
  for await (const piece of response.body ?? []) hash.update(piece);
  expect(hash.digest("hex")).toBe(hashOf(LINE, LINES));

  const grown = (await peaks(netpulse.pid)).map((peak, n) => peak - (atRest[n] ?? 0));
  expect(Math.max(...grown)).toBeLessThan(MAX_MB);
});

function hashOf(line: string, times: number): string {
  const hash = new Bun.CryptoHasher("sha256");
  const many = line.repeat(1000);
  for (let n = 0; n < times; n += 1000) hash.update(many);
  return hash.digest("hex");
}

/** The most memory that each process of the product has had resident so far, MB. */
async function peaks(pid: number): Promise<number[]> {
  const pids = [pid, ...(await descendants(pid))].toSorted((a, b) => a - b);
  return pids.map((each) => {
    const [, kb = "0"] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/status`, "utf8")) ?? [];
    return Number(kb) / 1024;
  });
}
