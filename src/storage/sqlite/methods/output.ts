import type { Database } from "bun:sqlite";
import { isFinal, type JobStatus } from "../../../core/job.ts";
import type { OutputSlice, Storage } from "../../storage.ts";

type ReadParams = Parameters<Storage["readOutput"]>[0];
interface Piece {
  offset: number;
  bytes: Uint8Array;
}

const utf8 = new TextDecoder();

export function outputs(db: Database): (params: Parameters<Storage["outputs"]>[0]) => string[] {
  const pieces = db.prepare<Piece, [string, number]>(
    "SELECT offset, bytes FROM logs WHERE seq = (SELECT seq FROM jobs WHERE id = +?) AND offset < ? ORDER BY offset",
  );
  return ({ ids, max = Number.MAX_SAFE_INTEGER }) =>
    ids.map((id) => {
      const parts = pieces.all(id, max).map(({ offset, bytes }) => bytes.subarray(0, max - offset));
      return utf8.decode(joined(parts));
    });
}

export function readOutput(db: Database): (params: ReadParams) => OutputSlice {
  const find = db.prepare<{ seq: number; status: JobStatus; size: number }, [string]>(
    `SELECT seq, status, ifnull(
       (SELECT offset + length(bytes) FROM logs WHERE seq = jobs.seq ORDER BY offset DESC LIMIT 1), 0) AS size
     FROM jobs WHERE id = +?`,
  );
  // From the piece that holds the offset: pieces follow each other without a gap.
  const pieces = db.prepare<Piece, [Record<string, number>]>(
    `SELECT offset, bytes FROM logs
     WHERE seq = +:seq AND offset < :to
       AND offset >= ifnull((SELECT max(offset) FROM logs WHERE seq = +:seq AND offset <= :from), 0)
     ORDER BY offset`,
  );

  return ({ id, offset, max }) => {
    const job = find.get(id);
    if (!job) return { bytes: new Uint8Array(), offset: 0, ended: true };
    const from = Math.min(offset, job.size);
    const to = Math.min(from + max, job.size);
    const parts = pieces
      .all({ seq: job.seq, from, to })
      .map((piece) => piece.bytes.subarray(Math.max(0, from - piece.offset), to - piece.offset));
    return { bytes: joined(parts), offset: from, ended: isFinal(job.status) && to === job.size };
  };
}

function joined(parts: Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}
