import type { Client, ClientChannel } from "ssh2";
import { loadSsh2 } from "../src/device/transport/ssh2.ts";

export interface Device {
  device_type: string;
  host: string;
  port: number;
  username: string;
  password: string;
}

/** A shell without anything of ours around it. */
export interface RawShell {
  /** Resolves with the prompt behind the command's echo. */
  ask(command: string): Promise<void>;
  end(): void;
}

/** What the devices of the bench end their prompts with. */
const PROMPT = /[>#] ?$/;

/** Connects, logs in, opens a shell and waits for its prompt: what no program on ssh2 can do without. */
export async function rawShell(device: Device): Promise<RawShell> {
  const client = await connect(device);
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell((error, opened) => (error ? reject(error) : resolve(opened)));
  });
  let seen = "";
  let echo = "";
  let wake = () => {};
  const answered = () => seen.includes(echo) && PROMPT.test(seen);
  channel.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    if (answered()) wake();
  });
  await new Promise<void>((resolve) => {
    wake = resolve;
  });
  return {
    ask(command) {
      [seen, echo] = ["", command];
      channel.write(`${command}\n`);
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    end: () => client.end(),
  };
}

async function connect({ host, port, username, password }: Device): Promise<Client> {
  const { Client: SshClient } = await loadSsh2();
  const client = new SshClient();
  await new Promise<void>((resolve, reject) => {
    client.on("ready", resolve).on("error", reject);
    client.connect({ host, port, username, password });
  });
  return client;
}
