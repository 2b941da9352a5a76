import { expect, test } from "bun:test";
import { killWriters } from "../../support/faults/killed-writer.ts";
import { openStore } from "../../support/faults/store.ts";
import { figure } from "../../support/figures.ts";
import { tempDir } from "../../support/tempdir.ts";

const ROUNDS = 40;
/** Five stores one after another: what a round looks at grows with what its store has seen. */
const SEEDS = [11, 12, 13, 14, 15];

test.each(SEEDS)(
  "a writer is killed 40 times at random moments (seed %d)",
  async (seed) => {
    using folder = tempDir("killed");
    const url = `sqlite:${folder.file("netpulse.db")}`;
    const report = await killWriters({ url, open: () => openStore(url), rounds: ROUNDS, seed });
    expect(report.problems.slice(0, 3)).toEqual([]);
    const { answered, unanswered, jobs } = report;
    const seen = `${jobs} jobs, ${answered} calls answered and ${unanswered} cut off: nothing lost, nothing doubled, nothing stuck`;
    figure("SQLite, writer killed", `${ROUNDS} rounds, seed ${seed}`, seen);
  },
  180_000,
);
