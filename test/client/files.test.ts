import { expect, test } from "bun:test";
import { type ExecRequest, NetworkError, NotFound } from "../../src/client/index.ts";
import { anEndedJob } from "../api/memory-engine.ts";
import { clientWorld } from "./support/api.ts";

const UPLOAD: ExecRequest = {
  driver: "linux",
  connection_args: { host: "192.0.2.1", username: "ops" },
  file_transfer: { operation: "upload", remote_path: "/etc/motd" },
};

test("a file comes back as it was sent, whole and in part, until it is removed", async () => {
  const { client } = await clientWorld();
  const bytes = crypto.getRandomValues(new Uint8Array(300_000));
  const { id, size, path } = await client.files.upload(new Blob([bytes]), "an image.bin");
  expect({ size, name: path.split("/").at(-1) }).toEqual({ size: 300_000, name: "an image.bin" });
  expect(new Uint8Array(await (await client.files.download(id)).arrayBuffer())).toEqual(bytes);
  const part = await client.files.download(id, { range: "bytes=10-19" });
  expect([part.status, new Uint8Array(await part.arrayBuffer())]).toEqual([206, bytes.slice(10, 20)]);
  await client.files.remove(id);
  await expect(client.files.download(id)).rejects.toBeInstanceOf(NotFound);
});

test("a lost answer keeps no file twice, and makes no job twice that came with one", async () => {
  const { client, engine, way } = await clientWorld();
  way.fates = ["dropped"];
  await expect(client.files.upload(new Blob(["x"]))).rejects.toBeInstanceOf(NetworkError);
  expect(way.requests).toEqual(["POST /storage"]);
  way.fates = ["dropped"];
  const job = await client.devices.execWithFile(UPLOAD, new File(["hello"], "motd.txt"));
  expect(engine.all.map(({ id }) => id)).toEqual([job.id]);
  expect(engine.submitted[0]?.request.operation).toMatchObject({
    kind: "file_transfer",
    transfers: [{ local_path: expect.stringMatching(/\/motd\.txt$/) }],
  });
});

test("all of a job's output is read part by part, over lost answers", async () => {
  const { client, engine, way } = await clientWorld();
  engine.add(anEndedJob());
  const texts = ["one\n", "two\n", "three\n"];
  engine.logs.set(
    "job_1",
    texts.map((text, index) => ({ kind: "data", index, stream: "stdout", text })),
  );
  way.fates = ["whole", "dropped"];
  const chunks = await Array.fromAsync(client.jobs.allOutput("job_1"));
  expect(chunks.map((chunk) => (chunk.kind === "output" ? chunk.text : chunk.kind))).toEqual(texts);
  expect(way.requests).toHaveLength(4);
});
