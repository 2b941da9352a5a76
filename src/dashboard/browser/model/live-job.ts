import { useEffect, useRef, useState } from "preact/hooks";
import { Unauthorized } from "../../../client/index.ts";
import { useSession } from "../session.ts";
import { LiveJob } from "./live-output.ts";

export interface Followed {
  job: LiveJob;
  error: unknown;
}

/** A job as it goes on. Devices print faster than anybody reads: it is drawn once a frame at most. */
export function useLiveJob(id: string): Followed {
  const { api, end } = useSession();
  const job = useRef(new LiveJob());
  const [, setFrame] = useState(0);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const leaving = new AbortController();
    let drawing = 0;
    job.current = new LiveJob();
    const draw = () => {
      drawing ||= requestAnimationFrame(() => {
        drawing = 0;
        setFrame((frame) => frame + 1);
      });
    };
    const follow = async () => {
      try {
        for await (const event of api.jobs.events(id, { signal: leaving.signal })) {
          job.current.take(event);
          draw();
        }
      } catch (reason) {
        if (leaving.signal.aborted) return;
        if (reason instanceof Unauthorized) end("The API does not take this key any more.");
        else setError(reason);
      }
    };
    follow();
    return () => {
      leaving.abort();
      cancelAnimationFrame(drawing);
    };
  }, [id, api]);
  return { job: job.current, error };
}
