import { expect, test } from "bun:test";
import { platformDocs } from "../../../drivers/cli/docs.ts";
import { deviceTypes, platforms } from "../../../drivers/cli/platforms/index.ts";
import { transcriptSources } from "../../../scripts/lib/transcript-sources.ts";

test("docs/platforms.md is what the platforms say (else: bun scripts/platform-docs.ts)", async () => {
  const written = await Bun.file(new URL("../../../docs/platforms.md", import.meta.url)).text();
  expect(written).toBe(platformDocs(transcriptSources()));
});

test("every value of device_type is in it, and every platform's proof", () => {
  const docs = platformDocs(transcriptSources());
  for (const type of deviceTypes()) expect(docs).toContain(`\`${type}\``);
  expect(docs).not.toContain("undefined");
  expect(docs.match(/^- Proof: .{8,}$/gm)).toHaveLength(platforms.length);
});
