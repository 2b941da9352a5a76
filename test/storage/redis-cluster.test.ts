import { afterAll } from "bun:test";
import { storageConformance } from "../conformance/storage.ts";
import { CLUSTER } from "./redis/backend.ts";

storageConformance(CLUSTER);
afterAll(CLUSTER.stop);
