import { StorageError } from "../../../core/errors.ts";
import { translated } from "../errors.ts";
import { look } from "./look.ts";
import type { Answer, Question } from "./messages.ts";

declare const self: Worker;

/** The thread that looks at a whole file while the others go on. Lives for one question. */
self.onmessage = ({ data }: MessageEvent<Question>) => postMessage(answer(data));

function answer({ path, limit }: Question): Answer {
  try {
    return { examination: look(path, limit) };
  } catch (error) {
    const failure = translated(error, path);
    if (!(failure instanceof StorageError)) throw failure;
    return { failure: { kind: failure.kind, message: failure.message } };
  }
}
