import { resolve } from "node:path";
import { run } from "../support/process.ts";
import { type ApiClient, plainJobs } from "./api-client.ts";
import type { History } from "./history.ts";

const MAIN = resolve(import.meta.dir, "../../src/main.ts");
/** How long is waited for what is late, to tell it from what never comes. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 200;
const PAGE = 1_000;

/** Whether no job waits or runs any more, within {@link PATIENCE_MS}. */
export async function allEnded(apis: readonly ApiClient[]): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const open = await Promise.all(
      ["queued", "started"].map((status) => page(apis, `status=${status}&result=false&limit=1`)),
    );
    if (open.every(({ data }) => data.length === 0)) return true;
    await Bun.sleep(LOOK_MS);
  }
  return false;
}

/** Shows the history every job that was made since then, as it stands. */
export async function seeAll(apis: readonly ApiClient[], history: History, since: number): Promise<void> {
  const query = `since=${encodeURIComponent(new Date(since).toISOString())}&result=false&order=asc&limit=${PAGE}`;
  let cursor: string | null = "";
  while (cursor !== null) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const got = await page(apis, `${query}${from}`);
    for (const job of got.data) history.saw(job);
    cursor = got.cursor;
  }
}

/** What `netpulse doctor` finds. */
export async function examine(env: Record<string, string>): Promise<string[]> {
  const { code, stdout, stderr } = await run([process.execPath, "--no-env-file", MAIN, "doctor"], { env });
  return code === 0 ? [] : [`netpulse doctor: exit code ${code}\n${stdout}${stderr}`];
}

/** Of whichever API answers first. */
async function page(apis: readonly ApiClient[], query: string) {
  const until = performance.now() + PATIENCE_MS;
  for (let n = 0; performance.now() < until; n++) {
    const answer = await apis[n % apis.length]?.call("GET", `/job?${query}`);
    if (answer?.status === 200)
      return { data: plainJobs(answer, `GET /job?${query}`), cursor: answer.cursor };
    if (answer != null && answer.status < 500)
      throw new Error(`GET /job?${query}: ${JSON.stringify(answer)}`);
    await Bun.sleep(LOOK_MS);
  }
  throw new Error(`no API answers GET /job?${query}`);
}
