import { storageConformance } from "../conformance/storage.ts";
import { sqliteBackend } from "./sqlite/backend.ts";

storageConformance({ name: "SQLite", open: sqliteBackend });
