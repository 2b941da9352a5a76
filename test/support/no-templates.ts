import type { Templating } from "../../src/engine/templating.ts";

/** For nodes whose jobs have none. */
export const NO_TEMPLATES: Templating = {
  templates: { render: unexpected, parse: unexpected },
  maxCommands: 100,
  maxParsed: 1_000,
};

async function unexpected(): Promise<never> {
  throw new Error("no job here has a template");
}
