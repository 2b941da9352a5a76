import { expect, test } from "bun:test";
import { TestApi, wrongFields } from "./client.ts";

const connection_args = { host: "192.0.2.1", username: "admin" };
const id = `task_${"0a".repeat(12)}`;

async function requestOf(path: string, body: object) {
  const api = new TestApi();
  const { status } = await api.call("POST", path, { body });
  return { status, request: api.engine.submitted[0]?.request };
}

test.each([
  ["", { command: "make" }, { detach: true }, "make"],
  ["/list", {}, { detached_task: { action: "list" } }, "detached task list"],
  [
    `/${id}/output`,
    { offset: 7, max_bytes: 9 },
    { detached_task: { action: "output", id, offset: 7, max_bytes: 9 } },
    `detached task output ${id}`,
  ],
  [`/${id}/output`, {}, { detached_task: { action: "output", id } }, `detached task output ${id}`],
  [`/${id}/kill`, {}, { detached_task: { action: "kill", id } }, `detached task kill ${id}`],
  [`/${id}/remove`, {}, { detached_task: { action: "remove", id } }, `detached task remove ${id}`],
])("POST /detached-tasks%s queues a job that does it", async (path, body, said, text) => {
  const driver_args = { sudo: true };
  const asked = { connection_args, driver_args, ttl: 5, ...body };
  expect(await requestOf(`/detached-tasks${path}`, asked)).toEqual({
    status: 201,
    request: {
      driver: "linux",
      connectionArgs: connection_args,
      driverArgs: { sudo: true, ...said },
      operation: { kind: "command", text },
      ttl: 5,
    },
  });
  expect((await requestOf(`/detached-tasks${path}`, { ...asked, driver: "paramiko" })).request?.driver).toBe(
    "paramiko",
  );
});

test.each([
  ["", {}, ["body.command"]],
  ["/list", { command: "ls" }, ["body.command"]],
  ["/list", { offset: 1 }, ["body.offset"]],
  ["", { command: "ls", config: "a", max_bytes: 1 }, ["body.config", "body.max_bytes"]],
  ["", { command: "ls", driver_args: { detach: false } }, ["body.driver_args.detach"]],
  [`/${id}/kill`, { driver_args: { detached_task: {} } }, ["body.driver_args.detached_task"]],
  [`/${id}/kill`, { driver_args: 5 }, ["body.driver_args"]],
])("what does not belong there is refused: %s %j", async (path, body, wrong) => {
  const api = new TestApi();
  const answer = await api.call("POST", `/detached-tasks${path}`, { body: { connection_args, ...body } });
  expect(answer.status).toBe(422);
  expect(Object.keys(wrongFields(answer)).sort()).toEqual([...wrong].sort());
  expect(api.engine.submitted).toEqual([]);
});
