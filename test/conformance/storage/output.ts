import { describe, expect, test } from "bun:test";
import { released, succeeded } from "../../../src/storage/storage.ts";
import { bytes, text } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function outputConformance(setup: Setup): void {
  describe("appendOutput", () => {
    test("adds to the end of the log", async () => {
      const fixture = await setup();
      const { append, whole } = await runningJob(fixture);
      expect(await append(0, "one ")).toBe("ok");
      expect(await append(4, "two")).toBe("ok");
      expect(await whole()).toBe("one two");
    });

    test("a repeat stores nothing twice", async () => {
      const { append, whole } = await runningJob(await setup());
      await append(0, "one ");
      await append(4, "two");
      expect(await append(0, "one ")).toBe("already");
      expect(await append(4, "two")).toBe("already");
      expect(await append(1, "ne tw")).toBe("already");
      expect(await whole()).toBe("one two");
    });

    test("what overlaps stays, only the rest is added", async () => {
      const { append, whole } = await runningJob(await setup());
      await append(0, "one ");
      expect(await append(0, "one two")).toBe("ok");
      expect(await whole()).toBe("one two");
    });

    test("beyond the end adds nothing: the store must have lost a part of this run", async () => {
      const { append, whole } = await runningJob(await setup());
      await append(0, "one");
      expect(await append(10, "far")).toBe("lost");
      expect(await whole()).toBe("one");
    });

    test("of nothing is fine", async () => {
      const { append, whole } = await runningJob(await setup());
      expect(await append(0, "")).toBe("ok");
      expect(await whole()).toBe("");
    });
  });

  describe("the tail of a settlement", () => {
    test("that overlaps adds only the rest", async () => {
      const { storage, make, token, append } = await runningJob(await setup());
      await append(0, "one two");
      await make.settle(token, succeeded(), { tail: "two three", tailOffset: 4 });
      expect(await storage.outputs({ ids: [token.id] })).toEqual(["one two three"]);
    });

    test("beyond the end settles nothing", async () => {
      const { storage, make, token, append } = await runningJob(await setup());
      await append(0, "one");
      expect(await make.settle(token, succeeded(), { tail: "far", tailOffset: 10 })).toBe("lost");
      expect(await storage.get({ ids: [token.id] })).toMatchObject([{ status: "started" }]);
    });
  });

  describe("readOutput", () => {
    test("reads from any offset, across the pieces it was appended in", async () => {
      const { storage, append, token } = await runningJob(await setup());
      await append(0, "abc");
      await append(3, "defg");
      await append(7, "hi");
      const all = "abcdefghi";
      for (let offset = 0; offset <= 9; offset++) {
        for (let max = 1; max <= 10; max++) {
          const slice = await storage.readOutput({ id: token.id, offset, max });
          expect([text(slice.bytes), slice.offset]).toEqual([all.slice(offset, offset + max), offset]);
        }
      }
    });

    test("says that it has ended when the job has, at the end of its log", async () => {
      const { storage, make, append, token } = await runningJob(await setup());
      await append(0, "abcdef");
      const read = async (offset: number, max: number) =>
        (await storage.readOutput({ id: token.id, offset, max })).ended;
      expect(await read(0, 100)).toBe(false);
      await make.settle(token, succeeded());
      expect(await read(0, 5)).toBe(false);
      expect(await read(0, 6)).toBe(true);
      expect(await read(6, 1)).toBe(true);
    });

    test("beyond the end begins at the end", async () => {
      const { storage, append, token } = await runningJob(await setup());
      await append(0, "abc");
      const slice = await storage.readOutput({ id: token.id, offset: 100, max: 10 });
      expect(slice).toMatchObject({ offset: 3, ended: false });
      expect(slice.bytes).toHaveLength(0);
    });

    test("of a job that printed nothing, or is unknown", async () => {
      const { storage, make } = await setup();
      const { id } = await make.inStatus("cancelled");
      for (const each of [id, "job_unknown"]) {
        const slice = await storage.readOutput({ id: each, offset: 0, max: 10 });
        expect(slice).toMatchObject({ offset: 0, ended: true });
        expect(slice.bytes).toHaveLength(0);
      }
    });

    test("keeps every byte, also where a character is cut in two", async () => {
      const { storage, token } = await runningJob(await setup());
      const data = bytes("grüße, 端末\u0000\n");
      for (let offset = 0; offset < data.length; offset++) {
        await storage.appendOutput({ token, offset, bytes: data.subarray(offset, offset + 1) });
      }
      expect(await storage.outputs({ ids: [token.id] })).toEqual(["grüße, 端末\u0000\n"]);
      const { bytes: read } = await storage.readOutput({ id: token.id, offset: 0, max: 1_000 });
      expect(Buffer.from(read).equals(data)).toBe(true);
    });

    test("follows a log of megabytes piece by piece", async () => {
      const { storage, token } = await runningJob(await setup());
      const piece = new Uint8Array(64 * 1024).map((_, n) => n % 251);
      for (let n = 0; n < 32; n++) {
        await storage.appendOutput({ token, offset: n * piece.length, bytes: piece });
      }
      let offset = 0;
      for (;;) {
        const slice = await storage.readOutput({ id: token.id, offset, max: 100_000 });
        if (slice.bytes.length === 0) break;
        expect(slice.bytes[0]).toBe((offset % piece.length) % 251);
        offset += slice.bytes.length;
      }
      expect(offset).toBe(32 * piece.length);
    });
  });

  describe("outputs", () => {
    test("come in the order of the ids, empty where there is none", async () => {
      const { storage, make } = await setup();
      const one = await make.started();
      const two = await make.started();
      await make.settle(one.token, succeeded(), { tail: "one" });
      await make.settle(two.token, released(), { tail: "two" });
      const ids = [two.token.id, "job_unknown", one.token.id, two.token.id];
      expect(await storage.outputs({ ids })).toEqual(["two", "", "one", "two"]);
    });

    test("are as long as is wanted, over the pieces they came in", async () => {
      const fixture = await setup();
      const { append, token } = await runningJob(fixture);
      await append(0, "one ");
      await append(4, "two ");
      await append(8, "three");
      const upTo = async (max: number) =>
        (await fixture.storage.outputs({ ids: [token.id, "job_unknown"], max }))[0];
      expect(await upTo(1)).toBe("o");
      expect(await upTo(4)).toBe("one ");
      expect(await upTo(10)).toBe("one two th");
      expect(await upTo(13)).toBe("one two three");
      expect(await upTo(1_000_000)).toBe("one two three");
      expect(await Promise.all([upTo(3), upTo(13), upTo(5)])).toEqual(["one", "one two three", "one t"]);
    });
  });
}

/** A started job, with short ways to append to its log and read it. */
async function runningJob(fixture: Fixture) {
  const { token } = await fixture.make.started();
  return {
    ...fixture,
    token,
    append: (offset: number, data: string) =>
      fixture.storage.appendOutput({ token, offset, bytes: bytes(data) }),
    whole: async () => (await fixture.storage.outputs({ ids: [token.id] }))[0],
  };
}
