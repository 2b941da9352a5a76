import { usePoll } from "../poll.ts";
import { hrefTo } from "../router.ts";
import { useSession } from "../session.ts";
import { Notice } from "./notice.tsx";

const EVERY_MS = 2000;

/** Why a queued job has not started. Its events do not tell: others that start or end change it. */
export function Waiting({ id }: { id: string }) {
  const { api } = useSession();
  const { data } = usePoll((signal) => api.jobs.get(id, { signal }), EVERY_MS, id);
  if (!data?.waiting_on) return null;
  const { message, job } = data.waiting_on;
  return (
    <Notice title="It waits">
      {message}
      {job !== null && (
        <>
          {" "}
          <a href={hrefTo(["jobs", job])}>Show that job</a>
        </>
      )}
    </Notice>
  );
}
