import { expect, test } from "bun:test";
import type { ServerChannel } from "ssh2";
import type { CliConnectionArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { loadSsh2 } from "../../../src/device/transport/ssh2.ts";
import { generateHostKey } from "../../../src/lab/host-key.ts";
import { startTcp } from "../../device/support/ssh.ts";
import { context, run } from "../support.ts";

const STATEMENT = "Do you accept and acknowledge the statement above ? (yes/no) : ";

/** A PAN-OS that lets in who has said yes to its statement; `asked` has what it was answered. */
async function startFirewall() {
  const { Server } = await loadSsh2();
  const asked: string[][] = [];
  const server = new Server({ hostKeys: [generateHostKey()] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt) => {
      if (attempt.method !== "keyboard-interactive") return attempt.reject(["keyboard-interactive"]);
      const prompts = [
        { prompt: STATEMENT, echo: true },
        { prompt: "Password: ", echo: false },
      ];
      attempt.prompt(prompts, (answers) => {
        asked.push(answers);
        if (answers[0] === "yes" && answers[1] === "admin") attempt.accept();
        else attempt.reject();
      });
    });
    client.on("session", (accept) => {
      const session = accept();
      session.on("pty", (acceptPty) => acceptPty());
      session.on("shell", (acceptShell) => answer(acceptShell()));
    });
  });
  const tcp = await startTcp((socket) => server.injectSocket(socket));
  return { asked, port: tcp.port, [Symbol.asyncDispose]: () => tcp[Symbol.asyncDispose]() };
}

function answer(shell: ServerChannel): void {
  const prompt = "admin@PA-1> ";
  shell.write(prompt);
  shell.on("data", (bytes: Buffer) => shell.write(`${String(bytes).trim()}\r\n\r\n${prompt}`));
}

const login = (port: number, more: Partial<CliConnectionArgs> = {}): CliConnectionArgs => ({
  host: "127.0.0.1",
  port,
  username: "admin",
  password: "admin",
  device_type: "paloalto_panos",
  ...more,
});

test("PAN-OS: the statement that its login asks about is accepted, as netmiko does", async () => {
  await using firewall = await startFirewall();
  const session = await cliDriver.connect(context(login(firewall.port)));
  const { error } = await run(session, { kind: "command", commands: ["show clock"] }, {});
  expect(error).toBeNull();
  expect(firewall.asked).toEqual([["yes", "admin"]]);
  session.destroy();
});

test("PAN-OS: who has an answer of his own to it gives that", async () => {
  await using firewall = await startFirewall();
  const login_answers = [{ prompt: "acknowledge", answer: "no" }];
  const connecting = cliDriver.connect(context(login(firewall.port, { login_answers })));
  expect(await connecting.catch((error: unknown) => error)).toMatchObject({ type: "AuthenticationError" });
  expect(firewall.asked).toEqual([["no", "admin"]]);
});
