import type { Known } from "./jobs.ts";

/** What waits in one queue, as the model has it: jobs whose moment has come, by lane in the order of their sequence. */
export interface Level {
  priority: number;
  /** In the order of their turns. */
  lanes: Known[][];
}

/** How many jobs the queue gives before this one if nothing else comes: by giving them. */
export function aheadOf(known: Known, levels: Level[]): number {
  const { priority } = known.job;
  const above = levels.filter((level) => level.priority > priority).flatMap(({ lanes }) => lanes.flat());
  const own = levels.find((level) => level.priority === priority);
  const lanes = withJob(known, own?.lanes ?? []);
  for (let given = above.length; ; given++) {
    const [first, ...rest] = lanes.shift() ?? [];
    if (first === known) return given;
    if (!first) throw new Error(`the model lost ${known.job.id}`);
    if (rest.length > 0) lanes.push(rest);
  }
}

/** A job that waits for its moment has its place in its lane as well, or in a new one behind all others. */
function withJob(known: Known, lanes: Known[][]): Known[][] {
  if (lanes.some((lane) => lane.includes(known))) return [...lanes];
  const isOwn = ([first]: Known[]) => first?.given.lane === known.given.lane;
  const joined = lanes.map((lane) =>
    isOwn(lane) ? [...lane, known].toSorted((a, b) => a.job.seq - b.job.seq) : lane,
  );
  return lanes.some(isOwn) ? joined : [...joined, [known]];
}
