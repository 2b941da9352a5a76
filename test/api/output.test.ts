import { beforeEach, describe, expect, test } from "bun:test";
import { request, TestApi, wrongFields } from "./client.ts";

let api: TestApi;
beforeEach(() => {
  api = new TestApi();
  const at = Date.UTC(2024, 0, 1);
  api.engine.logs.set("job_1", [
    { kind: "start", index: 0, at, command: "show version" },
    { kind: "data", index: 0, stream: "stdout", text: "Version 15\n" },
    { kind: "data", index: 0, stream: "stderr", text: "told apart\n" },
    { kind: "end", index: 0, ok: true, exitStatus: 0, durationMs: 240 },
    { kind: "start", index: 1, at, command: "show clock" },
    { kind: "data", index: 1, stream: "stdout", text: "12:00\n" },
  ]);
});

const read = (query = "", job = "job_1") => api.get(`/job/${job}/output${query}`);

describe("GET /job/{id}/output", () => {
  test("shows one part, and where the next one begins", async () => {
    expect((await read()).data).toEqual({
      chunks: [{ kind: "command", index: 0, command: "show version", at: "2024-01-01T08:00:00.000+08:00" }],
      next_offset: 1,
      ended: false,
    });
    expect((await read("?offset=1")).data.chunks).toEqual([
      { kind: "output", index: 0, stream: "stdout", text: "Version 15\n" },
    ]);
    expect((await read("?offset=3")).data.chunks).toEqual([
      { kind: "command_end", index: 0, ok: true, exit_status: 0, duration: 0.24 },
    ]);
    expect((await read("?offset=5")).data).toMatchObject({ next_offset: 6, ended: true });
  });

  test("leaves out what other commands printed", async () => {
    expect((await read("?offset=1&index=1")).data).toEqual({ chunks: [], next_offset: 2, ended: false });
  });

  test.each([
    ["", "Version 15\n12:00\n"],
    ["&index=1", "12:00\n"],
    ["&index=7", ""],
    ["&offset=2", "12:00\n"],
  ])("as text%s: what was printed, part after part", async (query, text) => {
    const response = await api.api.handle(request("GET", `/job/job_1/output?text=true${query}`));
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).toBe(text);
  });

  test("an unknown job is a 404, a wrong parameter a 422", async () => {
    expect((await read("", "job_2")).status).toBe(404);
    const wrong = wrongFields(await read("?offset=-1&limit=5&tekst=true"));
    expect(Object.keys(wrong).sort()).toEqual(["query.limit", "query.offset", "query.tekst"]);
  });
});
