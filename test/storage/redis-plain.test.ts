import { afterAll } from "bun:test";
import { storageConformance } from "../conformance/storage.ts";
import { PLAIN } from "./redis/backend.ts";

storageConformance(PLAIN);
afterAll(PLAIN.stop);
