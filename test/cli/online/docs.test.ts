import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { auditCommand } from "../../../src/cli/online/commands/audit.ts";
import { batchCommand } from "../../../src/cli/online/commands/batch.ts";
import { bulkCommand } from "../../../src/cli/online/commands/bulk.ts";
import { configureCommand } from "../../../src/cli/online/commands/configure.ts";
import { execCommand } from "../../../src/cli/online/commands/exec.ts";
import { healthCommand } from "../../../src/cli/online/commands/health.ts";
import { jobsCommand } from "../../../src/cli/online/commands/jobs.ts";
import { loginCommand } from "../../../src/cli/online/commands/login.ts";
import { parseCommand } from "../../../src/cli/online/commands/parse.ts";
import { renderCommand } from "../../../src/cli/online/commands/render.ts";
import { testCommand } from "../../../src/cli/online/commands/test.ts";
import { topCommand } from "../../../src/cli/online/commands/top.ts";
import { workersCommand } from "../../../src/cli/online/commands/workers.ts";
import { EXIT } from "../../../src/cli/online/exit.ts";
import { onlineWorld } from "./support.ts";

const page = readFileSync(resolve(import.meta.dir, "../../../docs/command-line.md"), "utf8");
const commands = {
  login: loginCommand,
  exec: execCommand,
  config: configureCommand,
  test: testCommand,
  bulk: bulkCommand,
  batch: batchCommand,
  jobs: jobsCommand,
  workers: workersCommand,
  health: healthCommand,
  render: renderCommand,
  parse: parseCommand,
  top: topCommand,
  audit: auditCommand,
};
const world = await onlineWorld(commands);

/** Names of the subcommands that a help lists. */
function subcommandsIn(help: string): string[] {
  const [, list = ""] = /\nCommands:\n([\s\S]*?)(?:\n\n|$)/.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
}

test.each(Object.keys(commands))(
  "docs/command-line.md has every option and subcommand of %s",
  async (name) => {
    const { code, out } = await world.netpulse([name, "--help"]);
    expect(code).toBe(0);
    const subcommands = subcommandsIn(out);
    const helps = [out];
    for (const each of subcommands) helps.push((await world.netpulse([name, each, "--help"])).out);
    const options = helps.flatMap((help) =>
      [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = ""]) => option),
    );
    const missing = [...new Set(options)].filter((option) => option !== "--help" && !page.includes(option));
    expect(missing).toEqual([]);
    expect(subcommands.filter((each) => !new RegExp(`\`${name} [^\`]*\\b${each}\\b`).test(page))).toEqual([]);
  },
);

test("docs/command-line.md has every exit code", () => {
  const listed = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(EXIT));
});
