import { afterAll } from "bun:test";
import { storageConformance } from "../conformance/storage.ts";
import { SENTINEL } from "./redis/backend.ts";

storageConformance(SENTINEL);
afterAll(SENTINEL.stop);
