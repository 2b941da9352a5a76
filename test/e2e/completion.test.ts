import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { netpulseCommand, typedNetpulse } from "../support/product.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { startTmux, type TmuxTerminal } from "../support/tmux.ts";

setDefaultTimeout(120_000);

let netpulse: Netpulse;
let folder: TempDir;
beforeAll(async () => {
  netpulse = await startNetpulse();
  folder = tempDir("completion");
  writeFileSync(folder.file("netpulse"), `#!/bin/sh\nexec ${typedNetpulse()} "$@"\n`);
  chmodSync(folder.file("netpulse"), 0o755);
  writeFileSync(folder.file("devices-of-north.csv"), "host\n");
});
afterAll(async () => {
  await netpulse.stop();
  folder.remove();
});

const env = () => ({
  PATH: `${folder.path}:${process.env.PATH}`,
  HOME: folder.path,
  // Where fish has its socket, else beside the folder.
  XDG_RUNTIME_DIR: folder.path,
  NETPULSE_URL: netpulse.url,
  NETPULSE_API_KEY: netpulse.key,
});

const SHELLS = {
  bash: { start: "exec bash --norc --noprofile", load: "source <(netpulse completion bash)" },
  zsh: {
    start: "exec zsh -f",
    load: "autoload -U compinit; compinit -u -D; source <(netpulse completion zsh)",
  },
  fish: { start: "exec fish --no-config", load: "netpulse completion fish | source" },
};

/** A terminal with that shell, in the folder, which has read what completes our words. */
async function shell(name: keyof typeof SHELLS): Promise<TmuxTerminal> {
  const terminal = await startTmux({ env: env() });
  const { start, load } = SHELLS[name];
  for (const line of [`cd ${folder.path}; ${start}`, `${load}; echo is rea""dy`]) {
    await terminal.type(line);
    await terminal.press("Enter");
  }
  await terminal.shows(/is ready$/m);
  await terminal.clear();
  return terminal;
}

describe.each(["bash", "zsh", "fish"] as const)("%s", (name) => {
  /** Types, presses Tab, and waits for what stands there then; the line is dropped again. */
  async function completes(terminal: TmuxTerminal, typed: string, shown: RegExp): Promise<void> {
    await terminal.type(typed);
    await terminal.press("Tab");
    await terminal.shows(shown);
    await terminal.press("C-u");
  }

  test("completes commands, subcommands, options, values and files", async () => {
    await using terminal = await shell(name);
    await completes(terminal, "netpulse wor", /netpulse workers +$/m);
    await completes(terminal, "netpulse workers sus", /netpulse workers suspend +$/m);
    await completes(terminal, "netpulse exec 192.0.2.1 --execution-t", /--execution-timeout +$/m);
    await completes(terminal, "netpulse jobs ls --status fin", /--status finished +$/m);
    await completes(terminal, "netpulse jobs ls --status=fin", /--status=finished +$/m);
    await completes(terminal, "netpulse exec 192.0.2.1 -t juniper_j", /-t juniper_junos/);
    await completes(terminal, "netpulse bulk devices-of", /bulk devices-of-north\.csv +$/m);
    await completes(terminal, "netpulse completion ba", /completion bash +$/m);
  });

  test("offers all that fit, with what they are about where the shell shows that", async () => {
    await using terminal = await shell(name);
    await terminal.type("netpulse batch ");
    await terminal.press("Tab");
    await terminal.press("Tab");
    const shown = await terminal.shows(/wait/);
    for (const each of ["cancel", "jobs", "show"]) expect(shown).toContain(each);
    if (name !== "bash") expect(shown).toContain("wait until all of its jobs have ended");
  });

  test("asks the API for the ids of jobs", async () => {
    const job = await netpulse.exec({
      driver: "netmiko",
      connection_args: {
        host: "127.0.1.250",
        port: 1,
        device_type: "cisco_ios",
        username: "u",
        password: "p",
      },
      command: "show version",
    });
    await using terminal = await shell(name);
    await completes(
      terminal,
      `netpulse jobs show ${job.id.slice(0, -1)}`,
      new RegExp(`show ${job.id} +$`, "m"),
    );
  });

  test("stays quiet where the API is out of reach", async () => {
    await using terminal = await shell(name);
    const unset =
      name === "fish" ? "set -x NETPULSE_URL http://127.0.0.1:1" : "export NETPULSE_URL=http://127.0.0.1:1";
    await terminal.type(`${unset}; echo s""et`);
    await terminal.press("Enter");
    await terminal.shows(/\bset$/m);
    await terminal.type("netpulse jobs show job_");
    await terminal.press("Tab");
    // Read after the answer to Tab: nothing may stand between.
    await terminal.type("9");
    await terminal.shows(/netpulse jobs show job_9 *$/m);
    await terminal.press("C-u");
    await completes(terminal, "netpulse hea", /netpulse health +$/m);
  });
});

test("every command that help names tells its definition, and none of them does anything for it", async () => {
  const run = (...argv: string[]) =>
    must(netpulseCommand(...argv), {
      env: { ...env(), NETPULSE_DATA_DIR: folder.path },
    });
  const [, list = ""] = /\nServices:\n([\s\S]*)\nExamples:/.exec(await run("--help")) ?? [];
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "help");
  expect(names.length).toBeGreaterThan(20);
  const told = await Promise.all(
    names.map(async (name) => [name, await run("complete", "--", name, "--he")]),
  );
  expect(told).toEqual(names.map((name) => [name, expect.stringMatching(/^--help\t/)]));
});
