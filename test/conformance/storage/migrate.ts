import { describe, expect, test } from "bun:test";
import { Factory } from "../../support/factory.ts";
import type { Setup } from "./fixture.ts";

export function migrateConformance(setup: Setup): void {
  describe("migrate", () => {
    test("a second time finds nothing to do", async () => {
      const { storage } = await setup();
      const { from, to } = await storage.migrate();
      expect(from).toBe(to);
    });

    test("from two processes at once leaves one good schema", async () => {
      const { connect } = await setup();
      const [a, b] = await Promise.all([connect(), connect()]);
      const [first, second] = await Promise.all([a.migrate(), b.migrate()]);
      expect(first.to).toBe(second.to);
    });

    test("keeps what is stored", async () => {
      const { storage, make } = await setup();
      const job = await make.queued();
      await storage.migrate();
      expect(await storage.get({ ids: [job.id] })).toEqual([job]);
    });

    test("what one connection stored the other sees", async () => {
      const { connect, make } = await setup();
      const other = await connect();
      const job = await make.queued();
      expect(await other.get({ ids: [job.id] })).toEqual([job]);
      const back = await new Factory(other).queued();
      expect(back.seq).toBeGreaterThan(job.seq);
    });
  });

  describe("ping and close", () => {
    test("ping answers how long it took", async () => {
      const { storage } = await setup();
      const { latencyMs, sizeBytes } = await storage.ping();
      expect(latencyMs).toBeGreaterThanOrEqual(0);
      expect(sizeBytes === null || sizeBytes > 0).toBe(true);
    });

    test("close finishes what was accepted, and may be called again", async () => {
      const { connect, storage, make } = await setup();
      const other = await connect();
      const job = make.newJob();
      const accepted = other.enqueue({ jobs: [job] });
      await Promise.all([other.close(), other.close()]);
      expect(await accepted).toMatchObject({ outcome: "stored" });
      expect(await storage.get({ ids: [job.id] })).toMatchObject([{ id: job.id }]);
    });

    test("after close every call fails as unavailable", async () => {
      const { connect, make } = await setup();
      const other = await connect();
      await other.close();
      const unavailable = { name: "StorageError", kind: "unavailable" };
      await expect(other.counts()).rejects.toMatchObject(unavailable);
      await expect(other.enqueue({ jobs: [make.newJob()] })).rejects.toMatchObject(unavailable);
      await expect(other.ping()).rejects.toMatchObject(unavailable);
    });
  });
}
