import { checkSeeds } from "../../simulator/check-seeds.ts";

await checkSeeds(100001, 50_000);
