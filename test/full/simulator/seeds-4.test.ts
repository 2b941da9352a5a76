import { checkSeeds } from "../../simulator/check-seeds.ts";

await checkSeeds(400001, 50_000);
