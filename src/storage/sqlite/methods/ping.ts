import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { type Patience, patiently } from "../patience.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Writer } from "../writer.ts";

type Pong = { latencyMs: number; sizeBytes: number | null };

/**
 * A read, and a write that is rolled back: it takes the lock and touches a page without an fsync, however often
 * health is asked. Only when the last commit failed (a full disk) does it commit, to learn whether that is over.
 */
export function ping(
  db: Database,
  { writer, snapshot, patience }: { writer: Writer; snapshot: Snapshot; patience: Patience },
): () => Promise<Pong> {
  const { path, clock } = patience;
  const read = db.prepare("SELECT n FROM totals");
  const touch = db.prepare("UPDATE totals SET n = n");
  const tryWrite = db.transaction(() => {
    touch.run();
    throw ROLLED_BACK;
  });

  return async () => {
    const since = clock.monotonic();
    await patiently(patience, () => {
      read.get();
      snapshot.end();
      try {
        tryWrite.immediate();
      } catch (error) {
        if (error !== ROLLED_BACK) throw error;
      }
    });
    if (writer.failing) await writer.write(() => touch.run());
    return { latencyMs: clock.monotonic() - since, sizeBytes: size(path) + size(`${path}-wal`) };
  };
}

const ROLLED_BACK = new Error("rolled back on purpose");

function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
