import { afterAll, beforeAll } from "bun:test";
import { type Stage, startStage } from "./stage.ts";
import { testTreatments } from "./treatment.ts";
import { CHANGING } from "./treatments/all.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ devices: 60, network: 12 });
}, 60_000);

afterAll(async () => {
  await stage?.stop();
}, 30_000);

testTreatments(CHANGING, () => stage);
