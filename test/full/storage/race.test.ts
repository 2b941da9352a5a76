import { test } from "bun:test";
import { raceAll, raceCancelAndClaim, raceSettleAndReap } from "../../conformance/storage/race.ts";
import { onEveryBackend } from "../../support/backends.ts";

const ROUNDS = 10_000;

onEveryBackend((setup) => {
  test.each([
    ["of a claim and a cancel exactly one wins, each at times", raceCancelAndClaim],
    ["of a claim, a cancel, a cancel by filter and its expiry exactly one wins", raceAll],
    ["of a settlement and the reaper exactly one ends the run", raceSettleAndReap],
  ])(
    `10,000 times: %s`,
    async (_, race) => {
      await race(await setup(), ROUNDS);
    },
    900_000,
  );
});
