import { checkSeeds } from "./check-seeds.ts";

await checkSeeds(1001, 500);
