import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { LinuxDriverArgs } from "../../../drivers/linux/args.ts";
import { linuxDriver } from "../../../drivers/linux/index.ts";
import { until } from "../../e2e/support/until.ts";
import { type Dropbear, startDropbear } from "../../support/dropbear.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { allowSudo } from "../../support/sudo.ts";
import { type Ran, run } from "../support.ts";
import { commands, connectTo, processes } from "./support.ts";

setDefaultTimeout(30_000);

let openssh: Sshd;
let dropbear: Dropbear;
beforeAll(async () => {
  openssh = await startSshd();
  dropbear = await startDropbear();
});
afterAll(async () => {
  await openssh?.stop();
  await dropbear?.[Symbol.asyncDispose]();
});

interface State {
  id: string;
  state: string;
  exit_status: number | null;
  size: number;
  started: number;
  next_offset: number;
  command: string;
}

describe.each(["OpenSSH", "Dropbear"])("a detached task on %s", (name) => {
  const server = () => (name === "OpenSSH" ? openssh : dropbear);

  /** Each on a session of its own, as after a restart of ours. */
  async function anew(args: LinuxDriverArgs, command = "-"): Promise<Ran> {
    const session = await connectTo(server());
    const ran = await run(session, commands(command), args);
    await session.close();
    return ran;
  }
  async function start(command: string, args: LinuxDriverArgs = {}): Promise<string> {
    const { outputs, error } = await anew({ detach: true, ...args }, command);
    expect({ error, stderr: outputs[0]?.stderr }).toEqual({ error: null, stderr: "" });
    const started = JSON.parse(outputs[0]?.stdout ?? "") as State;
    expect(started).toMatchObject({ state: "running", exit_status: null });
    return started.id;
  }
  async function look(id: string, offset = 0, more: object = {}) {
    const task = { action: "output" as const, id, offset, ...more };
    const { outputs, error } = await anew({ detached_task: task });
    expect(error).toBeNull();
    return { text: outputs[0]?.stdout, state: JSON.parse(outputs[0]?.stderr ?? "") as State };
  }
  const list = async () => {
    const { outputs } = await anew({ detached_task: { action: "list" } });
    return (outputs[0]?.stdout ?? "")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as State);
  };
  const ended = (id: string) =>
    until("the task has ended", async () => {
      const { state } = await look(id);
      return state.state === "running" ? null : state;
    });

  test("goes on when its session is gone, and is followed by offset to its end", async () => {
    const gate = `${server().account.home}/gate-${crypto.randomUUID()}`;
    const id = await start(
      `echo "fir\\st" 'üb'; while [ ! -e ${gate} ]; do sleep 0.05; done; echo second; exit 3`,
    );
    const first = await until("the first line", async () => {
      const seen = await look(id);
      return seen.text === "" ? null : seen;
    });
    expect(first).toMatchObject({ text: "fir\\st üb\n", state: { id, state: "running", next_offset: 11 } });
    expect(await look(id, 11)).toMatchObject({ text: "", state: { next_offset: 11 } });
    expect((await list())[0]).toMatchObject({ id, state: "running", exit_status: null });
    expect((await list())[0]?.command).toStartWith(`echo "fir\\st" 'üb'; while`);
    await anew({}, `touch ${gate}`);
    expect(await ended(id)).toMatchObject({ state: "exited", exit_status: 3, size: 18 });
    expect((await look(id, 11)).text).toBe("second\n");
    expect((await look(id, 0, { max_bytes: 3 })).state.next_offset).toBe(3);
    expect(await look(id, 99)).toMatchObject({ text: "", state: { next_offset: 99 } });
  });

  test("is killed with all that it has started, even if it does not want to end", async () => {
    const [meek, stubborn] = [`3${process.pid}`, `2${process.pid}`];
    const first = await start(`sleep ${meek}; echo not reached`);
    const second = await start(`trap '' TERM; sleep ${stubborn}`);
    await until("both run", async () => {
      const found = [...(await processes(`sleep ${meek}`)), ...(await processes(`sleep ${stubborn}`))];
      return found.some((line) => line.startsWith(`sleep ${meek}`)) &&
        found.some((line) => line.startsWith(`sleep ${stubborn}`))
        ? true
        : null;
    });
    const refused = await anew({ detached_task: { action: "remove", id: first } });
    expect(refused.outputs[0]).toMatchObject({
      exitStatus: 4,
      stderr: "the task is still running; kill it first\n",
    });
    for (const [id, status] of [
      [first, 143],
      [second, 137],
    ] as const) {
      const { outputs } = await anew({ detached_task: { action: "kill", id } });
      expect(JSON.parse(outputs[0]?.stdout ?? "")).toMatchObject({
        id,
        state: "exited",
        exit_status: status,
      });
    }
    expect([...(await processes(`sleep ${meek}`)), ...(await processes(`sleep ${stubborn}`))]).toEqual([]);
    expect((await anew({ detached_task: { action: "remove", id: first } })).error).toBeNull();
    expect((await list()).map(({ id }) => id)).not.toContain(first);
  });

  test("is called as it is told, and may be ended and removed in one go", async () => {
    const id = `task_${crypto.randomUUID().replaceAll("-", "")}`;
    const session = await connectTo(server());
    const operation = { ...commands(`trap '' TERM; sleep 9${process.pid}`), task: id };
    const { outputs } = await run(session, operation, { detach: true });
    await session.close();
    expect(JSON.parse(outputs[0]?.stdout ?? "")).toMatchObject({ id, pid: expect.any(Number) });
    await until("it runs", async () => (await processes(`sleep 9${process.pid}`)).length > 0 || null);
    const ended = await anew({ detached_task: { action: "delete", id } });
    expect(ended.error).toBeNull();
    expect(JSON.parse(ended.outputs[0]?.stdout ?? "")).toMatchObject({ id, state: "exited" });
    expect(await processes(`sleep 9${process.pid}`)).toEqual([]);
    const again = await anew({ detached_task: { action: "delete", id } });
    expect(again.outputs[0]).toMatchObject({ exitStatus: 3, stderr: "there is no such task\n" });
  });

  test("whose process is gone without a word is lost; its number is nobody else's", async () => {
    const id = await start(`sleep 1${process.pid}`);
    await until("it runs", async () => (await processes(`sleep 1${process.pid}`)).length > 0 || null);
    const folder = `~/.netpulse/tasks/${id}`;
    await anew({}, `kill -KILL -$(cat ${folder}/pid); echo $$ >${folder}/pid; true`);
    expect((await look(id)).state).toMatchObject({ state: "lost", exit_status: null });
    const { outputs } = await anew({}, `sleep 60 >/dev/null 2>&1 & echo $! >${folder}/pid`);
    expect(outputs[0]?.exitStatus).toBe(0);
    expect((await look(id)).state.state).toBe("lost");
    await anew({}, `kill $(cat ${folder}/pid)`);
  });

  test("keeps what it is and prints from other users", async () => {
    await start("echo private");
    const { outputs } = await anew({}, "find ~/.netpulse -perm /077");
    expect(outputs[0]?.stdout).toBe("");
  });

  test("may be root's, in a directory, with an environment", async () => {
    await using _rule = await allowSudo(server().account);
    const args = { sudo: true, sudo_password: server().account.password };
    const id = await start('id -un; pwd; echo "$WHO"; sleep 4711', {
      ...args,
      working_directory: "/usr",
      environment: { WHO: "it's me" },
    });
    await until("its output", async () => {
      const task = { action: "output" as const, id };
      const { outputs } = await anew({ ...args, detached_task: task });
      return outputs[0]?.stdout === "root\n/usr\nit's me\n" ? true : null;
    });
    const kill = await anew({ ...args, detached_task: { action: "kill", id } });
    expect(JSON.parse(kill.outputs[0]?.stdout ?? "")).toMatchObject({ state: "exited" });
    await anew({ ...args, detached_task: { action: "remove", id } });
    const unknown = await anew({ ...args, detached_task: { action: "kill", id } });
    expect(unknown.outputs[0]).toMatchObject({ exitStatus: 3, stderr: "there is no such task\n" });
  });
});

test("what makes no sense is refused before", () => {
  const check = (driverArgs: LinuxDriverArgs, ...lines: string[]) =>
    linuxDriver
      .check({ connectionArgs: { host: "h", username: "u" }, driverArgs, operation: commands(...lines) })
      .map(({ loc }) => loc.join("."));
  const id = `task_${"0".repeat(24)}`;
  expect(check({ detach: true }, "a", "b")).toEqual(["driver_args.detach"]);
  expect(check({ detach: true, get_pty: true }, "a")).toEqual(["driver_args.detach"]);
  expect(check({ detach: true, detached_task: { action: "list" } }, "a")).toEqual(["driver_args.detach"]);
  expect(check({ detached_task: { action: "list", id } }, "a")).toEqual(["driver_args.detached_task.id"]);
  expect(check({ detached_task: { action: "kill" } }, "a")).toEqual(["driver_args.detached_task.id"]);
  expect(check({ detached_task: { action: "kill", id, offset: 1 } }, "a")).toEqual([
    "driver_args.detached_task.action",
  ]);
  expect(check({ detached_task: { action: "output", id, offset: 1 } }, "a")).toEqual([]);
});
