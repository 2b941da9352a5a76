import { systemClock } from "../../../src/core/clock.ts";
import { sharedHints } from "../../../src/storage/sqlite/hints.ts";
import { answerGreetings, greeted, isGreeting } from "./greetings.ts";

/**
 * Another process on the same file, for tests of hints: `bun hint-child.ts PATH PEERS`. Prints `ready` when it and so
 * many others hear each other, then every hint it hears; answers `queue ping` with `queue pong`, and emits what comes
 * on standard input, a queue a line.
 */
const [path = "", peers = "0"] = process.argv.slice(2);
const hints = sharedHints({ path, clock: systemClock, warn: (message) => console.log(`warning ${message}`) });
answerGreetings(hints, `${process.pid}`);
hints.subscribe((hint) => {
  if (isGreeting(hint)) return;
  if (hint.kind === "queued" && hint.queue === "ping") hints.emit([{ kind: "queued", queue: "pong" }]);
  else console.log(`heard ${JSON.stringify(hint)}`);
});
await greeted(hints, `${process.pid}`, Number(peers));
console.log("ready");
for await (const queue of console) hints.emit([{ kind: "queued", queue }]);
hints.close();
process.exit(0);
