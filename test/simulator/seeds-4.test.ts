import { checkSeeds } from "./check-seeds.ts";

await checkSeeds(1501, 500);
