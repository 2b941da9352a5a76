import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { wantedRange } from "../../src/api/modules/storage/range.ts";
import { openFileFolder } from "../../src/files/folder.ts";
import { until } from "../e2e/support/until.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { type CallOptions, request, TestApi } from "./client.ts";

const MAX = 200_000;
let folder: TempDir;
let api: TestApi;
beforeAll(async () => {
  folder = tempDir("storage");
  api = new TestApi({}, [], await openFileFolder({ dir: folder.path, maxSize: MAX }));
});
afterAll(() => folder?.remove());

const bytes = (size: number) => crypto.getRandomValues(new Uint8Array(size));
const sha256 = (data: Uint8Array) => new Bun.CryptoHasher("sha256").update(data).digest("hex");
const post = (options: CallOptions, query = "") => api.call("POST", `/storage${query}`, options);
const get = (id: string, headers: Record<string, string> = {}, method = "GET") =>
  api.api.handle(request(method, `/storage/${id}`, { headers }));
const left = async () => {
  const all = await readdir(folder.path, { recursive: true });
  return all.filter((name) => name.includes(".netpulse-part"));
};

function form(...parts: string[]): { raw: string; headers: Record<string, string> } {
  const raw = `--B\r\n${parts.join("\r\n--B\r\n")}\r\n--B--\r\n`;
  return { raw, headers: { "content-type": "multipart/form-data; boundary=B" } };
}
const filePart = (disposition: string, content: string) =>
  `Content-Disposition: form-data; name="file"; ${disposition}\r\n\r\n${content}`;

test("a file comes back as it was sent, whole and in parts, until it is removed", async () => {
  const data = bytes(60_000);
  const { status, data: stored } = await post({ raw: data }, "?name=an%20image.bin");
  expect(status).toBe(201);
  expect(stored).toEqual({
    id: expect.stringMatching(/^file_[\w-]+$/),
    path: expect.stringMatching(/^uploads\/[0-9a-f]{24}\/an image\.bin$/),
    size: data.length,
    sha256: sha256(data),
    created_at: "2024-01-01T12:00:00.000+08:00",
    expires_at: "2024-01-01T13:00:00.000+08:00",
  });
  const whole = await get(stored.id);
  expect([whole.status, new Uint8Array(await whole.arrayBuffer())]).toEqual([200, data]);
  expect(whole.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''an%20image.bin");
  expect(whole.headers.get("x-content-type-options")).toBe("nosniff");

  const part = await get(stored.id, { range: "bytes=100-199" });
  expect([part.status, new Uint8Array(await part.arrayBuffer())]).toEqual([206, data.slice(100, 200)]);
  expect(part.headers.get("content-range")).toBe("bytes 100-199/60000");
  const none = await get(stored.id, { range: "bytes=60000-" });
  expect([none.status, none.headers.get("content-range")]).toEqual([416, "bytes */60000"]);
  const etag = whole.headers.get("etag") ?? "";
  expect((await get(stored.id, { range: "bytes=1-2", "if-range": etag })).status).toBe(206);
  expect((await get(stored.id, { range: "bytes=1-2", "if-range": '"other"' })).status).toBe(200);
  const head = await get(stored.id, {}, "HEAD");
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "60000"]);

  expect((await api.call("DELETE", `/storage/${stored.id}`)).data).toEqual({
    id: stored.id,
    path: stored.path,
  });
  expect((await get(stored.id)).status).toBe(404);
  expect((await api.call("DELETE", `/storage/${stored.id}`)).status).toBe(404);
});

test.each([
  ["a quoted name", 'filename="a \\"b\\".txt"', 'a "b".txt'],
  ["a bare name", "filename=plain.txt", "plain.txt"],
  ["a name in UTF-8", "filename=\"x\"; filename*=UTF-8''%C3%BC.txt", "ü.txt"],
  ["a path of another machine", 'filename="C:\\\\temp\\\\c.txt"', "c.txt"],
  ["a path", 'filename="../../d.txt"', "d.txt"],
  ["no name", 'filename=""', "file"],
])("a form's first file is taken: %s", async (_what, disposition, name) => {
  const field = 'Content-Disposition: form-data; name="note"\r\n\r\nnot a file';
  const content = "line\r\n--not B\r\n--";
  const { status, data } = await post(form(field, filePart(disposition, content)));
  expect(status).toBe(201);
  expect(data.path.slice("uploads/".length + 25)).toBe(name);
  expect(await (await get(data.id)).text()).toBe(content);
});

test("of a file that comes, no more than a piece is held", async () => {
  const [size, count] = [1000, 190];
  const sent: WeakRef<Uint8Array>[] = [];
  let held = 0;
  const stream = new ReadableStream(
    {
      pull(controller) {
        if (sent.length === count) {
          Bun.gc(true);
          held = sent.filter((piece) => piece.deref() !== undefined).length;
          return controller.close();
        }
        const piece = bytes(size);
        sent.push(new WeakRef(piece));
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
  expect((await post({ raw: stream })).data.size).toBe(size * count);
  expect(held).toBeLessThan(count / 4);
});

test("a form is understood wherever it is cut", async () => {
  const content = "\r\n--\r\n--A\r\n\r\n-".repeat(3);
  const { raw, headers } = form(filePart('filename="a"', content));
  const whole = Buffer.from(raw);
  for (const size of [1, 2, 3, 7, 50]) {
    const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, n) =>
      whole.subarray(n * size, (n + 1) * size),
    );
    const stream = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    });
    const { status, data } = await post({ raw: stream, headers });
    expect([size, status]).toEqual([size, 201]);
    expect(await (await get(data.id)).text()).toBe(content);
  }
});

describe("is refused, and nothing is kept:", () => {
  test.each([
    ["a form without a file", 400, form('Content-Disposition: form-data; name="a"\r\n\r\nb')],
    [
      "a form that breaks off",
      400,
      { ...form(), raw: '--B\r\nContent-Disposition: x; filename="a"\r\n\r\nb' },
    ],
    ["a form that is none", 400, { ...form(), raw: "x".repeat(100_000) }],
    ["a form without a boundary", 415, { raw: "x", headers: { "content-type": "multipart/form-data" } }],
    ["a name that is none", 422, form(filePart('filename=".."', "x"))],
    ["a name of ours", 422, form(filePart('filename=".netpulse-folder"', "x"))],
    ["a file over the limit", 413, { raw: bytes(MAX + 1) }],
  ])("%s", async (_what, status, options: CallOptions) => {
    expect((await post(options)).status).toBe(status);
    expect(await left()).toEqual([]);
  });

  test("a body without end", async () => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(bytes(65_536)) });
    expect((await post({ raw: endless })).status).toBe(413);
    expect(await left()).toEqual([]);
  });

  test("a body that does not arrive", async () => {
    const silent = new ReadableStream({ start: (controller) => controller.enqueue(bytes(10)) });
    const asked = post({ raw: silent });
    for (let timers = 0; timers === 0; timers = api.clock.timers) await Promise.resolve();
    await api.clock.advance(60_000);
    expect((await asked).status).toBe(408);
    expect(await left()).toEqual([]);
  });

  test.each(["file_", "file_Li4vLi4vZXRjL3Bhc3N3ZA", "x", "file_%2e%2e", "file_bm9uZQ", "file_bm9uZQ=="])(
    "the id %s",
    async (id) => {
      for (const method of ["GET", "DELETE"]) {
        const { status } = await api.call(method, `/storage/${id}`);
        expect([404, 422]).toContain(status);
      }
    },
  );

  test("whoever has no key", async () => {
    for (const [method, path] of [
      ["POST", "/storage"],
      ["GET", "/storage/file_YQ"],
      ["DELETE", "/storage/file_YQ"],
    ] as const) {
      expect((await api.call(method, path, { key: null })).status).toBe(401);
    }
  });
});

describe("a client that goes away", () => {
  /** Files that are opened, or read, when the test says so. */
  function slow(step: "open" | "read") {
    const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let closed = 0;
    const wait = async (at: string) => {
      if (at !== step) return;
      asked.resolve();
      await go.promise;
    };
    const files = {
      stat: async () => ({ kind: "file" as const, size: 5, modifiedAt: 0 }),
      async open() {
        await wait("open");
        return {
          size: 5,
          async read() {
            await wait("read");
            return new Uint8Array(5);
          },
          async close() {
            closed += 1;
          },
        };
      },
    };
    return { files, asked: asked.promise, go: go.resolve, closed: () => closed };
  }

  test.each(["open", "read"] as const)("while its file is being %sed leaves nothing open", async (step) => {
    const { files, asked, go, closed } = slow(step);
    const served = new TestApi({}, [], { ...api.deps.files, ...files });
    const response = await served.api.handle(request("GET", "/storage/file_YQ"));
    const reader = response.body?.getReader();
    const first = reader?.read();
    await asked;
    await reader?.cancel();
    go();
    await first;
    // The file is closed once it is there, which nobody tells of.
    await until("it is closed", () => (closed() > 0 ? true : null));
    expect(closed()).toBe(1);
  });
});

test.each([
  [null, { start: 0, end: 10, part: false }],
  ["bytes=0-0", { start: 0, end: 1, part: true }],
  ["bytes=5-", { start: 5, end: 10, part: true }],
  ["bytes=5-99", { start: 5, end: 10, part: true }],
  ["bytes=-3", { start: 7, end: 10, part: true }],
  ["bytes=-99", { start: 0, end: 10, part: true }],
  ["bytes=-0", null],
  ["bytes=10-", null],
  ["bytes=7-3", { start: 0, end: 10, part: false }],
  ["bytes=0-1,3-4", { start: 0, end: 10, part: false }],
  ["lines=0-1", { start: 0, end: 10, part: false }],
])("the range %j of ten bytes", (header, wanted) => {
  expect(wantedRange(header, 10)).toEqual(wanted);
});
