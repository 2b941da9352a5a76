import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { startFrr } from "../support/frr.ts";
import { must, mustAsRoot, startChild } from "../support/process.ts";
import { startSshd } from "../support/sshd.ts";
import { tempDir } from "../support/tempdir.ts";

const support = resolve(import.meta.dir, "../support");

/** What a test run does that is killed before it could stop its services. */
const RUN = `
  import { startFrr } from "${support}/frr.ts";
  import { startSshd } from "${support}/sshd.ts";
  const frr = await startFrr();
  const sshd = await startSshd({ accounts: [frr.account] });
  console.log("started", frr.name, sshd.account.name, sshd.port);
  await new Promise(() => {});
`;

test("what a killed run leaves behind goes with the next one", async () => {
  using temporary = tempDir("killed-run", 0o755);
  const killed = startChild([process.execPath, "-e", RUN], {
    env: { ...process.env, TMPDIR: temporary.path },
  });
  const [, router = "", user = "", port = ""] = await killed.waitFor(/started (\S+) (\S+) (\d+)/);
  killed.kill("SIGKILL");
  await killed.exited;

  await using _router = await startFrr();
  await using _sshd = await startSshd();

  expect(await mustAsRoot(["ip", "netns", "list"])).not.toContain(router);
  expect(await must(["getent", "passwd"])).not.toContain(`${user}:`);
  expect(await must(["ss", "--listening", "--tcp", "--numeric"])).not.toContain(`127.0.0.1:${port} `);
}, 20_000);
