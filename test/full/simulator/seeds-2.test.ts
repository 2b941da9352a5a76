import { checkSeeds } from "../../simulator/check-seeds.ts";

await checkSeeds(200001, 5_000);
