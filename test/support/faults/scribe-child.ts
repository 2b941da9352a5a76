import { openJournal } from "./journal.ts";
import { random } from "./random.ts";
import { Scribe } from "./scribe.ts";
import { openStore } from "./store.ts";

/** A scribe in a process of its own, to be killed: `bun scribe-child.ts URL JOURNAL SEED NODE`. Prints a dot for each answer. */
const [url = "", path = "", seed = "0", node = ""] = process.argv.slice(2);

const storage = await openStore(url);
await new Scribe({
  storage,
  journal: openJournal(path),
  random: random(Number(seed)),
  node,
  onTold: () => void process.stdout.write("."),
}).run();
