import { checkSeeds } from "../../simulator/check-seeds.ts";

await checkSeeds(300001, 50_000);
