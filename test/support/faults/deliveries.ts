import { isFinal, isPinnedQueue, type Job } from "../../../src/core/job.ts";

/** A command as its device saw it. Times are on one clock, ms. */
export interface Typed {
  at: number;
  device: string;
  /** The connection it came on: a number that no other has. */
  line: number;
  command: string;
  /** When the device was done with it, or lost the line; null: it still is at it. */
  endedAt: number | null;
  done: boolean;
  /** When whoever typed it stood still or was cut off from the device: nobody could stop it then, if it hung. */
  unattended: { from: number; to: number }[];
}

/** What a client asked for, and what it was told. Its commands are like those of no other. */
export interface Asked {
  name: string;
  commands: string[];
  retries: number;
  /** `unknown`: no answer came. Ids are those it was told. */
  answer: "accepted" | "unknown" | "refused";
  ids: string[];
  /** Ids that it was told are cancelled, before they had started. */
  cancelled: string[];
}

/** The end of a job, as subscribers heard of it. */
export interface Ending {
  id: string;
  status: string;
  at: number;
}

/** What counts of a job at the end. */
export type Delivered = Pick<Job, "id" | "status" | "queue" | "command" | "attempts">;

export interface Deliveries {
  asked: Asked[];
  typed: Typed[];
  /** All jobs of the store, at the end. */
  jobs: Delivered[];
  endings: Ending[];
}

/** How long the busiest device has worked since then on commands that it was given since then and has done, ms. */
export function workSince(typed: readonly Typed[], at: number): number {
  const done = typed.filter((each) => each.done && each.at >= at);
  const perDevice = Map.groupBy(done, ({ device }) => device).values();
  const sums = [...perDevice].map((all) => all.reduce((sum, each) => sum + (each.endedAt ?? 0) - each.at, 0));
  return Math.max(0, ...sums);
}

/**
 * What contradicts the promises of the product, judged from outside: by what clients asked and were told, what
 * devices saw, and what the store says at the end. Empty when nothing does.
 */
export function judgeDeliveries(given: Deliveries): string[] {
  const byCommand = Map.groupBy(given.typed, ({ command }) => command);
  const jobs = new Map(given.jobs.map((job) => [job.command[0] ?? "", job]));
  return [
    ...unknownJobs(given),
    ...given.asked.flatMap((asked) => {
      const [first = ""] = asked.commands;
      const seen = asked.commands.map((command) => byCommand.get(command) ?? []);
      return ofJob(asked, jobs.get(first) ?? null, seen).map((what) => `${asked.name}: ${what}`);
    }),
    ...endings(given),
    ...afterTheEnd(given),
    ...pinnedDevices(given),
  ];
}

/** Every job was asked for, once. */
function unknownJobs({ asked, jobs }: Deliveries): string[] {
  const names = new Set(asked.map(({ commands }) => commands[0]));
  return [...Map.groupBy(jobs, ({ command }) => command[0])].flatMap(([first, all]) => [
    ...(all.length > 1 ? [`there are ${all.length} jobs of one request: ${first}`] : []),
    ...(names.has(first) ? [] : [`nobody asked for ${first}`]),
  ]);
}

function ofJob(asked: Asked, job: Delivered | null, seen: Typed[][]): string[] {
  const problems: string[] = [];
  const must = (right: boolean, what: string) => void (right || problems.push(what));
  const times = Math.max(0, ...seen.map(({ length }) => length));
  must(times <= asked.retries + 1, `a device saw a command ${times} times with ${asked.retries} retries`);
  must(new Set(asked.ids).size <= 1, `was given several ids: ${asked.ids.join(", ")}`);
  if (job === null) {
    must(asked.answer !== "accepted", "was accepted and is lost");
    must(times === 0, "reached a device without a job");
    return problems;
  }
  must(asked.answer !== "refused", "was refused and is there");
  must(isFinal(job.status), `has not ended in time: ${job.status}`);
  must(times <= job.attempts, `a device saw a command ${times} times in ${job.attempts} attempts`);
  if (job.status === "cancelled")
    must(times === 0 || asked.retries > 0, "was cancelled and reached a device");
  if (asked.cancelled.length > 0) must(job.status === "cancelled", `was told cancelled, is ${job.status}`);
  if (job.status === "finished") must(ranWhole(seen), "finished, but no device saw all of it on one line");
  return problems;
}

/** The last time each command was seen: done, one after another, on one connection. */
function ranWhole(seen: Typed[][]): boolean {
  const last = seen.map((times) => times.at(-1));
  return last.every((typed, n) => {
    const before = last[n - 1];
    if (!typed?.done) return false;
    return before === undefined || (before.line === typed.line && (before.endedAt ?? 0) <= typed.at);
  });
}

function endings({ endings, jobs }: Deliveries): string[] {
  const byJob = Map.groupBy(endings, ({ id }) => id);
  return jobs.flatMap((job) => {
    const told = byJob.get(job.id) ?? [];
    const expected = isFinal(job.status) ? 1 : 0;
    if (told.length === expected && told.every(({ status }) => status === job.status)) return [];
    return [`${job.id} is ${job.status}, and has ended as: ${told.map(({ status }) => status).join(", ")}`];
  });
}

/** Only what finished is surely over: what failed may have been given up for a host that did not answer. */
function afterTheEnd({ endings, jobs, typed }: Deliveries): string[] {
  const ends = new Map(endings.map(({ id, at }) => [id, at]));
  const finished = jobs.filter(({ status }) => status === "finished");
  const over = new Map(
    finished.flatMap(({ id, command }) => command.map((each) => [each, ends.get(id)] as const)),
  );
  const late = typed.filter(({ command, at }) => at > (over.get(command) ?? Number.POSITIVE_INFINITY));
  return late.map(({ command }) => `a device saw ${command} after its job had finished`);
}

function pinnedDevices({ jobs, typed }: Deliveries): string[] {
  const pinned = new Map(
    jobs
      .filter(({ queue }) => isPinnedQueue(queue))
      .flatMap((job) => job.command.map((each): [string, Delivered] => [each, job])),
  );
  const ofPinned = typed.filter(({ command }) => pinned.has(command));
  return [...Map.groupBy(ofPinned, ({ device }) => device).values()].flatMap((all) => [
    ...atOnce(all),
    ...besideSuccessor(all, runsOf(all, pinned)),
  ]);
}

/** Which run each command belongs to. A job that begins again on the same line, as a retry may, is another run. */
function runsOf(typed: Typed[], jobs: Map<string, Delivered>): string[] {
  const begun = new Map<string, number>();
  return typed.map(({ command, line }) => {
    const job = jobs.get(command);
    const place = `${job?.id} on line ${line}`;
    if (job?.command[0] === command) begun.set(place, (begun.get(place) ?? 0) + 1);
    return `${place}, run ${begun.get(place)}`;
  });
}

/** A command that has not ended may be overlapped only while nobody can end it. */
function atOnce(typed: Typed[]): string[] {
  let under: Typed[] = [];
  return typed.flatMap((second) => {
    under = under.filter((first) => (first.endedAt ?? Number.POSITIVE_INFINITY) > second.at);
    const beside = under.filter((first) => !isUnattended(first, second.at));
    under.push(second);
    return beside.map((first) => `${second.device}: ${second.command} and ${first.command} ran at once`);
  });
}

function isUnattended({ unattended }: Typed, at: number): boolean {
  return unattended.some(({ from, to }) => from <= at && at <= to);
}

/** Once a successor has typed, whoever typed before it is silent. */
function besideSuccessor(typed: Typed[], runs: string[]): string[] {
  const problems: string[] = [];
  const over = new Set<string>();
  let current: string | null = null;
  for (const [n, each] of typed.entries()) {
    const run = runs[n] ?? "";
    if (run === current) continue;
    if (over.has(run)) problems.push(`${each.device}: ${each.command} was typed beside its successor`);
    if (current !== null) over.add(current);
    current = run;
  }
  return problems;
}
