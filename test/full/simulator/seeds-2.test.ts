import { checkSeeds } from "../../simulator/check-seeds.ts";

await checkSeeds(200001, 50_000);
