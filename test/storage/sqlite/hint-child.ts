import { systemClock } from "../../../src/core/clock.ts";
import { sharedHints } from "../../../src/storage/sqlite/hints.ts";
import { answerGreetings, greeted, isGreeting } from "./greetings.ts";

/**
 * Another process on the same file, for tests of hints: `bun hint-child.ts PATH PEERS`. Prints `ready` when it and so
 * many others hear each other, then every hint it hears; answers `queue ping` with `queue pong`, and emits what comes
 * on standard input, a queue a line. `flood N` emits N hints and prints `flooded GROWN SLOWEST`: by how many bytes the
 * process grew, and how many milliseconds the longest emission took.
 */
const [path = "", peers = "0"] = process.argv.slice(2);
const hints = sharedHints({ path, clock: systemClock, warn: (message) => console.log(`warning ${message}`) });
answerGreetings(hints, `${process.pid}`);
let flooding = false;
hints.subscribe((hint) => {
  if (isGreeting(hint) || flooding) return;
  if (hint.kind === "queued" && hint.queue === "ping") hints.emit([{ kind: "queued", queue: "pong" }]);
  else console.log(`heard ${JSON.stringify(hint)}`);
});
await greeted(hints, `${process.pid}`, Number(peers));
console.log("ready");
for await (const line of console) {
  const [, flood] = line.match(/^flood (\d+)$/) ?? [];
  if (flood === undefined) hints.emit([{ kind: "queued", queue: line }]);
  else await emitMany(Number(flood));
}
hints.close();
process.exit(0);

async function emitMany(count: number): Promise<void> {
  flooding = true;
  // What the first ones cost is the growth of a young process.
  await emitAll(count / 10);
  const before = memory();
  const slowest = await emitAll(count);
  flooding = false;
  console.log(`flooded ${memory() - before} ${slowest}`);
}

async function emitAll(count: number): Promise<number> {
  let slowest = 0;
  for (let n = 0; n < count; n += 100) {
    const some = Array.from({ length: 100 }, (_, i) => ({ kind: "output", id: `job_${n + i}` }) as const);
    const since = performance.now();
    hints.emit(some);
    slowest = Math.max(slowest, performance.now() - since);
    if (n % 10_000 === 0) await new Promise<void>((resume) => setImmediate(resume));
  }
  return slowest;
}

function memory(): number {
  Bun.gc(true);
  return process.memoryUsage.rss();
}
