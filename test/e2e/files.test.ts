import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { processes } from "../drivers/linux/support.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { freePort } from "../support/ports.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { allowSudo } from "../support/sudo.ts";
import { tempDir } from "../support/tempdir.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

let sshd: Sshd;
let netpulse: Netpulse;
beforeAll(async () => {
  sshd = await startSshd();
  netpulse = await startNetpulse();
});
afterAll(async () => {
  await netpulse?.stop();
  await sshd?.stop();
});

const connection = () => ({
  host: sshd.host,
  port: sshd.port,
  username: sshd.account.name,
  password: sshd.account.password,
});
const ask = (method: string, path: string, init: RequestInit = {}) =>
  fetch(`${netpulse.url}${path}`, {
    method,
    ...init,
    headers: { "X-API-KEY": netpulse.key, ...init.headers },
  });
async function transferred(...file_transfer: object[]) {
  const { id } = await netpulse.exec({ driver: "paramiko", connection_args: connection(), file_transfer });
  return netpulse.ended(id);
}

test("a file goes to the API, to a host, back from it, and to the client", async () => {
  const data = crypto.getRandomValues(new Uint8Array(65_536));
  const form = new FormData();
  form.append("file", new Blob([data]), "config.bin");
  const sent = await ask("POST", "/storage", { body: form });
  expect(sent.status).toBe(201);
  const { data: stored } = (await sent.json()) as { data: { id: string; path: string } };

  const job = await transferred(
    { operation: "upload", local_path: stored.path, remote_path: "there.bin", chmod: "0600" },
    { operation: "download", local_path: "back/here.bin", remote_path: "there.bin", sync_mode: "hash" },
  );
  expect(job).toMatchObject({
    status: "finished",
    command: [`upload ${stored.path} to there.bin`, "download there.bin to back/here.bin"],
  });
  const [up, down] = job.result?.outputs ?? [];
  expect(JSON.parse(up?.stdout ?? "")).toMatchObject({ event: "done", bytes: data.length });
  const { id, sha256 } = JSON.parse(down?.stdout ?? "");
  expect(sha256).toBe(new Bun.CryptoHasher("sha256").update(data).digest("hex"));
  expect(job.result?.retval).toEqual({
    [job.command[0] ?? ""]: up?.stdout,
    [job.command[1] ?? ""]: down?.stdout,
  } as never);

  const back = await ask("GET", `/storage/${id}`, { headers: { range: "bytes=10-19" } });
  expect([back.status, new Uint8Array(await back.arrayBuffer())]).toEqual([206, data.slice(10, 20)]);
  expect((await ask("DELETE", `/storage/${id}`)).status).toBe(200);
  expect((await ask("GET", `/storage/${id}`)).status).toBe(404);
});

test("a transfer that cannot be made is a failed job with the reason", async () => {
  const job = await transferred({ operation: "upload", local_path: "nowhere", remote_path: "a" });
  expect(job).toMatchObject({
    status: "failed",
    result: { error: { type: "CommandError", message: '"nowhere" is not in the storage folder' } },
  });
});

test("what cannot be a transfer is refused before there is a job", async () => {
  const refused = async (more: object) => {
    const body = { driver: "paramiko", connection_args: connection(), ...more };
    const { status, body: answer } = await netpulse.request<{ loc: string[] }[]>("POST", "/device/exec", {
      body,
    });
    return [status, answer.data.map(({ loc }) => loc.join("."))];
  };
  const transfer = { operation: "upload", local_path: "a", remote_path: "a" };
  expect(await refused({ file_transfer: { ...transfer, local_path: "../a" } })).toEqual([
    422,
    ["body.file_transfer.0.local_path"],
  ]);
  expect(await refused({ file_transfer: transfer, driver_args: { timeout: 1 } })).toEqual([
    422,
    ["body.driver_args.timeout"],
  ]);
  const cli = { driver: "netmiko", connection_args: { ...connection(), device_type: "cisco_ios" } };
  expect(await refused({ ...cli, file_transfer: transfer })).toEqual([422, ["body.file_transfer"]]);
});

/** An API whose node has another storage folder than its own, as on another machine. */
async function startApart(env: Record<string, string> = {}): Promise<Netpulse> {
  const other = await startNetpulse({ env });
  // Session hosts look at the folder when they first need it, which the API has done before.
  await Bun.write(`${other.dataDir}/files/.netpulse-folder`, crypto.randomUUID());
  return other;
}

test("a file in a folder that the node does not share is refused with the way out", async () => {
  await using other = await startApart();
  const { id: job } = await other.exec({
    driver: "paramiko",
    connection_args: connection(),
    file_transfer: { operation: "upload", local_path: "a", remote_path: "a" },
  });
  expect((await other.ended(job)).result?.error).toMatchObject({
    type: "CommandError",
    message: expect.stringContaining("let this node's storage_files.url be the API's address"),
  });
});

test("a node that does not share the folder has files from the API and to it, by its address", async () => {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  await using other = await startApart({ NETPULSE_SERVER__PORT: port, NETPULSE_STORAGE_FILES__URL: url });
  const data = crypto.getRandomValues(new Uint8Array(60_000));
  const form = new FormData();
  const file_transfer = { operation: "upload", remote_path: "far.bin", verify_file: true };
  form.append(
    "request",
    JSON.stringify({ driver: "paramiko", connection_args: connection(), file_transfer }),
  );
  form.append("file", new Blob([data]), "far.bin");
  const headers = { "X-API-KEY": other.key };
  const sent = await fetch(`${url}/device/exec`, { method: "POST", headers, body: form });
  const { data: queued } = (await sent.json()) as { data: { id: string } };
  expect(await other.ended(queued.id)).toMatchObject({ status: "finished" });
  const { id } = await other.exec({
    driver: "paramiko",
    connection_args: connection(),
    file_transfer: { operation: "download", remote_path: "far.bin" },
  });
  const { result } = await other.ended(id);
  const { download_url } = JSON.parse(result?.outputs[0]?.stdout ?? "");
  const back = await fetch(`${url}${download_url}`, { headers });
  expect(new Uint8Array(await back.arrayBuffer())).toEqual(data);
  expect((await fetch(`${url}${download_url}`)).status).toBe(401);
});

test("a detached task outlives NetPulse, and is found again by the next one", async () => {
  await using _rule = await allowSudo(sshd.account);
  using dir = tempDir("detached");
  const gate = `${sshd.account.home}/gate`;
  const driver_args = { sudo: true, sudo_password: sshd.account.password };
  const first = await startNetpulse({ dataDir: dir.path });
  const started = await first.post<{ id: string; task_id: string }>("/detached-tasks", {
    connection_args: connection(),
    driver_args,
    command: `id -un; while [ ! -e ${gate} ]; do sleep 0.05; done; echo over`,
  });
  expect(started.status).toBe(201);
  const { id: job, task_id: id } = started.body.data;
  expect(JSON.parse(String((await first.ended(job)).result?.retval))).toMatchObject({ id, state: "running" });
  await first.kill9();

  await using second = await startNetpulse({ dataDir: dir.path });
  type Look = { status: string; output: string; next_offset: number; exit_status: number | null };
  const look = async (offset = 0) =>
    (await second.get<Look>(`/detached-tasks/${id}?offset=${offset}`)).body.data;
  const before = await until("its first line", async () => {
    const seen = await look();
    return seen.output === "" ? null : seen;
  });
  expect(before).toMatchObject({ status: "running", output: "root\n", next_offset: 5 });
  await second.ended(
    (await second.exec({ driver: "linux", connection_args: connection(), command: `touch ${gate}` })).id,
  );
  const after = await until("the end of the task", async () => {
    const seen = await look(before.next_offset);
    return seen.status === "completed" ? seen : null;
  });
  expect(after).toMatchObject({ output: "over\n", exit_status: 0 });

  // Another NetPulse knows nothing of it until it asks the host.
  expect((await netpulse.get(`/detached-tasks/${id}`)).status).toBe(404);
  const body = { connection_args: connection(), driver_args };
  const found = await netpulse.post<{ task_id: string }[]>("/detached-tasks/discover", body);
  expect(found.body.data.map(({ task_id }) => task_id)).toContain(id);
  expect((await netpulse.del(`/detached-tasks/${id}`)).status).toBe(200);
  expect((await second.get(`/detached-tasks/${id}`)).status).toBe(404);
  expect((await second.del(`/detached-tasks/${id}`)).status).toBe(200);
});

test("many devices start their tasks by one request, and a task is ended with all it has started", async () => {
  const marker = `8${process.pid}`;
  const answer = await netpulse.post<{ succeeded: { id: string }[] }>("/device/bulk", {
    driver: "paramiko",
    connection_args: connection(),
    devices: [{ host: sshd.host }, { host: sshd.host }],
    command: `sleep ${marker}`,
    detach: true,
  });
  for (const { id } of answer.body.data.succeeded) {
    expect((await netpulse.ended(id)).status).toBe("finished");
    const task = id.replace("job_", "task_");
    expect((await netpulse.get<{ status: string }>(`/detached-tasks/${task}`)).body.data.status).toBe(
      "running",
    );
    expect((await netpulse.del(`/detached-tasks/${task}`)).status).toBe(200);
  }
  expect(await processes(`sleep ${marker}`)).toEqual([]);
});
