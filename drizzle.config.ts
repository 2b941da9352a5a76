import { defineConfig } from "drizzle-kit";

/** `bun run db:generate` writes the next migration from the schema; `docs/storage.md` says what to do then. */
export default defineConfig({
  dialect: "sqlite",
  schema: "./src/storage/sqlite/schema.ts",
  out: "./src/storage/sqlite/migrations",
});
