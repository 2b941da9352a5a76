import type { HintBus } from "../../../src/storage/sqlite/hints.ts";
import type { Hint } from "../../../src/storage/storage.ts";

/** How the processes of a test find out that they hear each other, by hints alone: `hello ME`, `welcome ME YOU`. */
export function isGreeting(hint: Hint): boolean {
  return hint.kind === "queued" && /^(hello|welcome) /.test(hint.queue);
}

export function answerGreetings(bus: HintBus, me: string): void {
  bus.subscribe((hint) => {
    const [word, who] = hint.kind === "queued" ? hint.queue.split(" ") : [];
    if (word === "hello" && who !== me) bus.emit([{ kind: "queued", queue: `welcome ${who} ${me}` }]);
  });
}

/** Resolves once so many others have heard `me` and been heard. */
export async function greeted(bus: HintBus, me: string, others: number): Promise<void> {
  const welcomes = new Set<string>();
  const stop = bus.subscribe((hint) => {
    const [word, who, by = ""] = hint.kind === "queued" ? hint.queue.split(" ") : [];
    if (word === "welcome" && who === me) welcomes.add(by);
  });
  while (welcomes.size < others) {
    bus.emit([{ kind: "queued", queue: `hello ${me}` }]);
    await new Promise<void>((resume) => setImmediate(resume));
  }
  stop();
}
