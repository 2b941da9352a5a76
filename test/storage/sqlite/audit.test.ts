import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { migrate } from "../../../src/storage/sqlite/migrate.ts";

test("what is in the audit log cannot be changed, whoever tries", () => {
  const db = new Database(":memory:");
  migrate(db, ":memory:");
  db.run("INSERT INTO audit (at, actor, action, outcome) VALUES (1, 'ci', 'exec', 'done')");
  expect(() => db.run("UPDATE audit SET actor = 'other'")).toThrow("only added to");
  expect(db.query("SELECT actor FROM audit").get()).toEqual({ actor: "ci" });
});
