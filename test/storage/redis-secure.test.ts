import { afterAll } from "bun:test";
import { storageConformance } from "../conformance/storage.ts";
import { SECURE } from "./redis/backend.ts";

storageConformance(SECURE);
afterAll(SECURE.stop);
