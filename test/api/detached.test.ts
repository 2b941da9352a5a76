import { beforeEach, describe, expect, test } from "bun:test";
import { taskOfJob } from "../../src/core/detached-task.ts";
import { DeviceError } from "../../src/core/errors.ts";
import type { JobView } from "../../src/engine/engine.ts";
import { TestApi, wrongFields } from "./client.ts";
import { aJob, anEndedJob, anOutput, NOON } from "./memory-engine.ts";

const connection_args = { host: "192.0.2.1", username: "admin" };
const login = { driver: "linux", connectionArgs: connection_args, driverArgs: { sudo: true } };
const id = `task_${"0a".repeat(12)}`;

let api: TestApi;
beforeEach(() => {
  api = new TestApi();
});

const known = (state: "launching" | "running" | "exited" = "running") =>
  api.engine.tasks.keep(login, { id, command: "make", state, createdAt: NOON });

/** What a host says of the task. */
const said = (fields: object = {}) =>
  JSON.stringify({
    id,
    state: "running",
    exit_status: null,
    size: 9,
    started: 1,
    pid: 5,
    next_offset: 9,
    ...fields,
  });

function answers(output: Parameters<typeof anOutput>[0], job: Parameters<typeof anEndedJob>[0] = {}) {
  const view: JobView = { job: anEndedJob(job), outputs: [anOutput(output)], waiting: null };
  api.engine.onRunNow = async () => view;
  return view;
}

describe("POST /detached-tasks", () => {
  test("queues the job that starts it, and names the task after it", async () => {
    const driver_args = { sudo: true, environment: { A: "b" } };
    const body = { connection_args, driver_args, ttl: 5, command: "make" };
    const { status, data } = await api.call("POST", "/detached-tasks", { body });
    expect([status, data.task_id]).toEqual([201, taskOfJob(data.id)]);
    expect(api.engine.submitted[0]?.request).toEqual({
      driver: "linux",
      connectionArgs: connection_args,
      driverArgs: { ...driver_args, detach: true },
      operation: { kind: "command", text: "make" },
      login: ["sudo", "sudo_password", "sudo_user"],
      ttl: 5,
    });
  });

  test("is the same as detach: true at /device/exec; driver_args.detach alone is not known here", async () => {
    const body = { driver: "paramiko", connection_args, command: "make" };
    const sent = await api.exec({ ...body, detach: true });
    expect(sent.data.task_id).toBe(taskOfJob(sent.data.id));
    const own = await api.exec({ ...body, driver_args: { detach: true } });
    expect(own.data).not.toHaveProperty("task_id");
    expect(api.engine.submitted.map(({ request }) => request.login !== undefined)).toEqual([true, false]);
  });

  test.each([
    [{}, ["body.command"]],
    [{ command: "ls", detach: false }, ["body.detach"]],
    [{ command: "ls", offset: 1 }, ["body.offset"]],
  ])("refuses %j", async (body, wrong) => {
    const answer = await api.call("POST", "/detached-tasks", { body: { connection_args, ...body } });
    expect([answer.status, Object.keys(wrongFields(answer)).sort()]).toEqual([422, wrong]);
    expect(api.engine.submitted).toEqual([]);
  });
});

test("GET /detached-tasks lists what is known, by status, without any login", async () => {
  await known("exited");
  const { data, envelope } = await api.get("/detached-tasks?status=completed&limit=5");
  expect(data).toEqual([
    {
      task_id: id,
      status: "completed",
      driver: "linux",
      host: "192.0.2.1",
      site: null,
      command: ["make"],
      created_at: "2024-01-01T12:00:00.000+08:00",
      expires_at: "2024-01-01T13:00:00.000+08:00",
    },
  ]);
  expect(envelope.pagination).toEqual({ next_cursor: null, limit: 5 });
  expect((await api.get("/detached-tasks?status=running")).data).toEqual([]);
  expect((await api.get("/detached-tasks?status=done")).status).toBe(422);
});

describe("GET /detached-tasks/{id}", () => {
  test("logs in by what is kept, and answers with the output from the offset on", async () => {
    await known("running");
    const { job } = answers({ stdout: "output\n", stderr: said({ state: "exited", exit_status: 2 }) });
    const { status, data } = await api.get(`/detached-tasks/${id}?offset=2&max_bytes=7`);
    expect(status).toBe(200);
    expect(data).toMatchObject({
      task_id: id,
      status: "completed",
      is_running: false,
      completed: true,
      exit_status: 2,
      pid: 5,
      output: "output\n",
      offset: 2,
      next_offset: 9,
      size: 9,
      job_id: job.id,
      error: null,
    });
    expect(api.engine.ranNow[0]).toMatchObject({
      ...login,
      driverArgs: { sudo: true, detached_task: { action: "output", id, offset: 2, max_bytes: 7 } },
    });
    expect((await api.get("/detached-tasks?status=completed")).data).toHaveLength(1);
  });

  test("says why nothing can be seen, and what was seen before", async () => {
    await known("running");
    const error = new DeviceError("ConnectionError", "it does not answer");
    answers(
      {},
      {
        status: "failed",
        result: { type: "failed", error: { type: error.type, message: error.message, retryable: true } },
      },
    );
    const { status, data } = await api.get(`/detached-tasks/${id}?offset=4`);
    expect(status).toBe(200);
    expect(data).toMatchObject({
      status: "running",
      output: "",
      next_offset: 4,
      error: "ConnectionError: it does not answer",
    });
  });

  test.each(["nonsense", "{}", said({ id: "task_../../x" }), said({ state: "fine" }), "[]"])(
    "does not take a host at its word that says %j",
    async (stderr) => {
      await known("running");
      answers({ stdout: "x", stderr });
      const { data } = await api.get(`/detached-tasks/${id}`);
      expect(data).toMatchObject({
        output: "",
        error: "the host has answered something else than was asked for",
      });
    },
  );

  test("knows that the host has forgotten it", async () => {
    await known("running");
    answers(
      { stderr: "there is no such task\n", exitStatus: 3 },
      {
        status: "failed",
        result: {
          type: "failed",
          error: { type: "CommandError", message: "exited with 3", retryable: false },
        },
      },
    );
    expect((await api.get(`/detached-tasks/${id}`)).status).toBe(404);
    expect((await api.get("/detached-tasks?status=lost")).data).toHaveLength(1);
  });

  test("does not ask the host before the task was started, or when it never was", async () => {
    await known("launching");
    const job = api.engine.add(aJob({ id: id.replace("task_", "job_"), status: "queued" }));
    expect((await api.get(`/detached-tasks/${id}`)).data).toMatchObject({
      status: "launching",
      is_running: true,
      error: null,
    });
    const failed = anEndedJob({
      id: job.id,
      status: "failed",
      result: { type: "failed", error: { type: "HostKeyError", message: "unknown key", retryable: false } },
    });
    api.engine.all[0] = failed;
    expect((await api.get(`/detached-tasks/${id}`)).data.error).toBe(
      "it was not started: HostKeyError: unknown key",
    );
    expect(api.engine.ranNow).toEqual([]);
  });

  test("finds no task that is not known, nor by what is no id", async () => {
    for (const wrong of [id, "task_x", "..%2f", "job_1"]) {
      expect((await api.get(`/detached-tasks/${wrong}`)).status).toBe(404);
    }
    expect((await api.get(`/detached-tasks/${id}?offset=-1`)).status).toBe(422);
  });
});

describe("DELETE /detached-tasks/{id}", () => {
  test("ends it on its host, and forgets it", async () => {
    await known("running");
    answers({ stdout: said() });
    const { status, data } = await api.call("DELETE", `/detached-tasks/${id}`);
    expect([status, data]).toEqual([200, { task_id: id, status: "killed" }]);
    expect(api.engine.ranNow[0]?.driverArgs).toEqual({ sudo: true, detached_task: { action: "delete", id } });
    expect((await api.call("DELETE", `/detached-tasks/${id}`)).status).toBe(404);
  });

  test("keeps it known when its host cannot be reached, not when that has none any more", async () => {
    await known("running");
    const failed = (type: "ConnectionError" | "CommandError") => ({
      status: "failed" as const,
      result: { type: "failed" as const, error: { type, message: "no", retryable: false } },
    });
    answers({}, failed("ConnectionError"));
    const refused = await api.call("DELETE", `/detached-tasks/${id}`);
    expect([refused.status, refused.message]).toEqual([
      409,
      "the task was not ended, and is still known: ConnectionError: no",
    ]);
    answers({ exitStatus: 3 }, failed("CommandError"));
    expect((await api.call("DELETE", `/detached-tasks/${id}`)).status).toBe(200);
  });

  test("cancels its job while that is queued", async () => {
    await known("launching");
    const job = api.engine.add(aJob({ id: id.replace("task_", "job_"), status: "queued" }));
    expect((await api.call("DELETE", `/detached-tasks/${id}`)).status).toBe(200);
    expect(api.engine.all.find(({ id }) => id === job.id)?.status).toBe("cancelled");
    expect(api.engine.ranNow).toEqual([]);
  });
});

describe("POST /detached-tasks/discover", () => {
  test("finds the tasks of a host, which are known from then on", async () => {
    answers({ stdout: `${said({ command: "make all", started: NOON / 1000 })}\nnoise\n` });
    const driver_args = { sudo: true, sudo_password: "a password" };
    const body = { connection_args, driver_args };
    const { status, data } = await api.call("POST", "/detached-tasks/discover", { body });
    expect([
      status,
      data.map(({ task_id, status, command }: Record<string, unknown>) => [task_id, status, command]),
    ]).toEqual([200, [[id, "running", ["make all"]]]]);
    expect(api.engine.ranNow[0]).toMatchObject({
      driver: "linux",
      driverArgs: { ...driver_args, detached_task: { action: "list" } },
    });
    expect((await api.engine.tasks.open(id)).login.driverArgs).toEqual(driver_args);
  });

  test("with a credential keeps the reference", async () => {
    answers({ stdout: `${said({ command: "make all", started: NOON / 1000 })}\n` });
    const body = { connection_args, credential: "hosts/build" };
    expect((await api.call("POST", "/detached-tasks/discover", { body })).status).toBe(200);
    expect((await api.engine.tasks.open(id)).login).toMatchObject({
      connectionArgs: connection_args,
      credentials: [{ name: null, ref: "hosts/build" }],
    });
  });

  test("says what is wrong, and what the host said", async () => {
    const wrong = await api.call("POST", "/detached-tasks/discover", {
      body: { connection_args, command: "ls" },
    });
    expect(Object.keys(wrongFields(wrong))).toEqual(["body.command"]);
    answers(
      {},
      {
        status: "failed",
        result: { type: "failed", error: { type: "AuthenticationError", message: "no", retryable: false } },
      },
    );
    const refused = await api.call("POST", "/detached-tasks/discover", { body: { connection_args } });
    expect([refused.status, refused.message]).toEqual([409, "AuthenticationError: no"]);
  });
});
