import { expect, test } from "bun:test";
import { LONG_PAGES, readPages } from "../../docs/support/pages.ts";
import { readAndDo } from "../../docs/support/reader.ts";
import { stepsOf } from "../../docs/support/runnable.ts";

const pages = readPages().filter(({ path }) => LONG_PAGES.includes(path));

test.each(pages)(
  "what $path says can be done, and does what it says",
  async ({ text }) => {
    expect(await readAndDo(stepsOf(text))).toBeNull();
  },
  600_000,
);
