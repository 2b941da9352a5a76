import { expect, test } from "bun:test";
import type { Job } from "../../src/core/job.ts";
import { covers, type FileGrant, issueGrant, readGrant, validGrant } from "../../src/engine/file-grants.ts";
import { sealer } from "../../src/engine/seal.ts";

const ours = sealer(new Uint8Array(32).fill(1));
const grant: FileGrant = { jobId: "job_1", operation: "upload", path: "uploads/a/b.c" };

test("a grant is read by whoever has the key, as it was made", () => {
  expect(readGrant(ours, issueGrant(ours, grant))).toEqual(grant);
  expect(readGrant(sealer(new Uint8Array(32).fill(2)), issueGrant(ours, grant))).toBeNull();
});

test.each([
  ["of another job", (parts: string[]) => ["job_2", ...parts.slice(1)]],
  ["for more than it was made for", ([job = "", , ...rest]: string[]) => [job, "download", ...rest]],
  ["of another file", (parts: string[]) => parts.with(2, "file_YQ")],
  ["without a proof", (parts: string[]) => parts.slice(0, 3)],
  ["with another proof", (parts: string[]) => parts.with(3, "x".repeat(43))],
  ["of nothing", () => []],
])("a grant %s is none", (_what, change) => {
  expect(readGrant(ours, change(issueGrant(ours, grant).split(".")).join("."))).toBeNull();
});

test("a grant is of use while its job runs", async () => {
  const text = issueGrant(ours, grant);
  for (const status of ["queued", "started", "finished"] as const) {
    const storage = { get: async () => [{ id: "job_1", status } as Job] };
    expect(await validGrant({ sealer: ours, storage }, text)).toEqual(status === "started" ? grant : null);
  }
  expect(await validGrant({ sealer: ours, storage: { get: async () => [null] } }, text)).toBeNull();
});

test("a grant covers a path and what is in it; only a download's lets write", () => {
  const folder = { ...grant, path: "a/b" };
  for (const path of ["a/b", "a/b/c"]) {
    expect(covers(folder, { path, write: false })).toBe(true);
    expect(covers(folder, { path, write: true })).toBe(false);
    expect(covers({ ...folder, operation: "download" }, { path, write: true })).toBe(true);
  }
  for (const path of ["a", "a/bc", "x"]) expect(covers(folder, { path, write: false })).toBe(false);
});
