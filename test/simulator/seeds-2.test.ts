import { checkSeeds } from "./check-seeds.ts";

await checkSeeds(501, 500);
