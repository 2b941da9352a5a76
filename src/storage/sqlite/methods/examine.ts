import { StorageError } from "../../../core/errors.ts";
import type { Examination, Examiner } from "../../examiner.ts";
import type { Answer, Question } from "../examination/messages.ts";

type Params = Parameters<Examiner["examine"]>[0];

/**
 * In a thread of its own, with a connection of its own that reads one snapshot: nobody's loop is held, no writer
 * waits, and nothing can be seen half done. While it looks, the `-wal` file cannot begin anew and so may grow.
 */
export function examine(path: string): (params: Params) => Promise<Examination> {
  return async ({ limit }) => {
    const thread = new Worker(threadUrl());
    try {
      const answer = await ask(thread, { path, limit });
      if ("examination" in answer) return answer.examination;
      throw new StorageError(answer.failure.kind, answer.failure.message);
    } finally {
      thread.terminate();
    }
  };
}

/** A compiled program is one module at the top; the thread is a second entry point of it, at its place below `src`. */
function threadUrl(): string {
  const compiled = !import.meta.url.endsWith(".ts");
  const place = compiled ? "./storage/sqlite/examination/thread.js" : "../examination/thread.ts";
  return new URL(place, import.meta.url).href;
}

function ask(thread: Worker, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    thread.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    thread.onerror = ({ message }) => reject(new Error(`the examination of the file failed: ${message}`));
    thread.postMessage(question);
  });
}
