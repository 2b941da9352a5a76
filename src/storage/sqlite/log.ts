import type { Database } from "bun:sqlite";

/** Writes the output log of a job. The caller has checked the run's token. */
export interface LogWriter {
  /** `gap`: the log ends before `offset`, so nothing was written. */
  append(seq: number, offset: number, bytes: Uint8Array): "ok" | "already" | "gap";
  drop(seq: number): void;
}

export function prepareLogWriter(db: Database): LogWriter {
  const end = db.prepare<{ at: number }, [number]>(
    "SELECT offset + length(bytes) AS at FROM logs WHERE seq = +? ORDER BY offset DESC LIMIT 1",
  );
  const add = db.prepare("INSERT INTO logs (seq, offset, bytes) VALUES (?, ?, ?)");
  const remove = db.prepare("DELETE FROM logs WHERE seq = ?");
  return {
    append(seq, offset, bytes) {
      if (offset === 0 && bytes.length === 0) return "ok";
      const at = end.get(seq)?.at ?? 0;
      if (offset > at) return "gap";
      if (offset + bytes.length <= at) return bytes.length === 0 ? "ok" : "already";
      add.run(seq, at, bytes.subarray(at - offset));
      return "ok";
    },
    drop: (seq) => void remove.run(seq),
  };
}
