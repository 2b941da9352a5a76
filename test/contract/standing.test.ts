import { afterAll, beforeAll } from "bun:test";
import { type Standing, startStanding } from "./standing.ts";
import { testTreatments } from "./treatment.ts";
import { STANDING } from "./treatments/all.ts";

let scene: Standing;

beforeAll(async () => {
  scene = await startStanding();
}, 60_000);

afterAll(async () => {
  await scene?.stop();
}, 30_000);

testTreatments(STANDING, () => scene);
