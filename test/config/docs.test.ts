import { expect, test } from "bun:test";
import { configDocs } from "../../src/config/docs.ts";
import { keyEntries } from "../../src/config/schema.ts";

test("docs/configuration.md is what the schema says (else: bun scripts/config-docs.ts)", async () => {
  const written = await Bun.file(new URL("../../docs/configuration.md", import.meta.url)).text();
  expect(written).toBe(configDocs());
});

test("every key is documented with its variable", () => {
  const docs = configDocs();
  for (const { name, env, key } of keyEntries()) {
    expect(docs).toContain(`| \`${name}\` | \`${env}\` |`);
    expect(key.doc.length).toBeGreaterThan(10);
  }
});

test("a default is itself allowed", () => {
  for (const { name, key } of keyEntries()) {
    const value = typeof key.default === "function" ? key.default({ hostname: "h", tty: true }) : key.default;
    if (value !== null) expect([name, key.parse(String(value))]).toEqual([name, value]);
  }
});
