import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { openFileFolder } from "../../src/files/folder.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { TestApi, wrongFields } from "./client.ts";

const MAX = 100_000;
let folder: TempDir;
let api: TestApi;
beforeAll(() => {
  folder = tempDir("exec-form");
});
beforeEach(async () => {
  api = new TestApi({}, [], await openFileFolder({ dir: folder.path, maxSize: MAX }));
});
afterAll(() => folder?.remove());

const job = {
  driver: "linux",
  connection_args: { host: "192.0.2.1", username: "admin" },
  file_transfer: { operation: "upload", remote_path: "/srv/motd", local_path: "./motd" },
};
const field = (body: unknown) =>
  `Content-Disposition: form-data; name="request"\r\n\r\n${typeof body === "string" ? body : JSON.stringify(body)}`;
const file = (content: string, name = "motd") =>
  `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${content}`;
const post = (...parts: string[]) =>
  api.call("POST", "/device/exec", {
    raw: `--B\r\n${parts.join("\r\n--B\r\n")}\r\n--B--\r\n`,
    headers: { "content-type": "multipart/form-data; boundary=B" },
  });
const files = async () =>
  (await readdir(folder.path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name !== ".netpulse-folder")
    .map((entry) => `${entry.parentPath.slice(folder.path.length + 1)}/${entry.name}`)
    .sort();
const placeOf = (content: string, name = "motd") =>
  `uploads/${new Bun.CryptoHasher("sha256").update(content).digest("hex").slice(0, 24)}/${name}`;

test.each([
  ["before the file", (content: string) => [field(job), file(content)]],
  ["behind the file", (content: string) => [file(content), field(job)]],
  [
    "as a list of one",
    (content: string) => [field({ ...job, file_transfer: [job.file_transfer] }), file(content)],
  ],
])("a job comes with its file: %s", async (what, parts) => {
  expect((await post(...parts(what))).status).toBe(201);
  const { request } = api.engine.submitted[0] ?? {};
  const local_path = placeOf(what);
  expect(request).toMatchObject({
    driver: "linux",
    operation: {
      kind: "file_transfer",
      transfers: [{ operation: "upload", remote_path: "/srv/motd", local_path }],
    },
  });
  expect(await Bun.file(folder.file(local_path)).text()).toBe(what);
});

test("the same file has the same place, so that a request that is repeated means the same", async () => {
  for (let n = 0; n < 2; n += 1) expect((await post(field(job), file("twice"))).status).toBe(201);
  const [first, second] = api.engine.submitted.map(({ request }) => request);
  expect(second).toEqual(first as never);
});

describe("nothing is kept of a form", () => {
  let before: string[];
  beforeEach(async () => {
    before = await files();
  });
  test.each([
    ["without a job", 400, () => [file("a")]],
    ["without a file", 400, () => [field(job)]],
    ["with two files", 400, () => [field(job), file("a"), file("b")]],
    [
      "with a field that is unknown",
      400,
      () => ['Content-Disposition: form-data; name="note"\r\n\r\nx', file("a"), field(job)],
    ],
    ["whose job is no JSON", 400, () => [file("a"), field("{")]],
    ["whose job is too long", 413, () => [file("a"), field({ ...job, driver: "x".repeat(70_000) })]],
    ["whose file is too large", 413, () => [field(job), file("x".repeat(MAX + 1))]],
    ["whose file has no name that can be", 422, () => [field(job), file("a", "..")]],
  ] as const)("%s", async (_what, status, parts) => {
    expect((await post(...parts())).status).toBe(status);
    expect(await files()).toEqual(before);
    expect(api.engine.submitted).toEqual([]);
  });

  test.each([
    ["that downloads", { ...job.file_transfer, operation: "download" }],
    ["that transfers two files", [job.file_transfer, job.file_transfer]],
    ["that transfers nothing", undefined],
  ])("with a job %s", async (_what, file_transfer) => {
    const answer = await post(file("a"), field({ ...job, file_transfer }));
    expect([answer.status, Object.keys(wrongFields(answer))]).toEqual([422, ["body.file_transfer"]]);
    expect(await files()).toEqual(before);
  });

  test("with a job that is wrong, by its shape or by what the engine says of it", async () => {
    expect((await post(file("a"), field({ ...job, ttl: "soon" }))).status).toBe(422);
    api.engine.wrong = [{ loc: ["connection_args", "host"], msg: "is no host" }];
    const answer = await post(file("a"), field(job));
    expect(wrongFields(answer)).toEqual({ "body.connection_args.host": "is no host" });
    expect(await files()).toEqual(before);
  });
});
