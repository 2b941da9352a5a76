import ssh2, { type ClientChannel, type ConnectConfig } from "ssh2";
import type { LabAddress } from "../../../src/lab/lab.ts";

const DEADLINE_MS = 10_000;

export interface ClientOptions {
  username?: string;
  password?: string;
  /** Height of the terminal; null asks for a session without one. Default 24. */
  rows?: number | null;
  /** Changes to how the client connects, e.g. its algorithms. */
  connect?: ConnectConfig;
}

/** Logs in as `admin` and rejects if that fails. */
export function connect(address: LabAddress, options: ClientOptions = {}): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once("ready", () => resolve(client));
    client.on("error", reject);
    client.on("close", () => reject(new Error("the device closed the connection")));
    client.connect({
      host: address.host,
      port: address.port,
      username: options.username ?? "admin",
      password: options.password ?? "admin",
      ...options.connect,
    });
  });
}

/** A person at a device's command line. What was read is consumed. */
export class CliClient {
  readonly #client: ssh2.Client;
  readonly #channel: ClientChannel;
  readonly #closed: Promise<void>;
  #isClosed = false;
  #text = "";
  #changed: (() => void) | null = null;
  /** Sizes of the pieces in which output arrived. */
  readonly pieces: number[] = [];

  static async open(address: LabAddress, options: ClientOptions = {}): Promise<CliClient> {
    const client = await connect(address, options);
    const rows = options.rows === undefined ? 24 : options.rows;
    return await new Promise((resolve, reject) => {
      client.shell(rows === null ? false : { rows, cols: 80 }, (error, channel) => {
        if (error) reject(error);
        else resolve(new CliClient(client, channel));
      });
    });
  }

  constructor(client: ssh2.Client, channel: ClientChannel) {
    this.#client = client;
    this.#channel = channel;
    channel.on("data", (bytes: Buffer) => {
      this.pieces.push(bytes.length);
      this.#text += bytes.toString("utf8");
      this.#changed?.();
    });
    this.#closed = new Promise((resolve) => {
      channel.on("close", () => {
        this.#isClosed = true;
        this.#changed?.();
        resolve();
      });
    });
  }

  /** Types exactly this. */
  type(text: string): void {
    this.#channel.write(text);
  }

  /** Reads up to and with the first match. Rejects at the deadline, or when the session ends before. */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#changed = null;
        settle();
      };
      const fail = (why: string) => end(() => reject(new Error(`${why}: ${pattern} in ${this.#seen()}`)));
      const timer = setTimeout(() => fail(`not seen in ${DEADLINE_MS} ms`), DEADLINE_MS);
      this.#changed = () => {
        const found = pattern.exec(this.#text);
        if (found) end(() => resolve(this.#take(found.index + found[0].length)));
        else if (this.#isClosed) fail("closed before");
      };
      this.#changed();
    });
  }

  /** Types a line and Enter, and reads up to the prompt: the output without echo and prompt. */
  async run(line: string, prompt = /(?:^|\n)[\w.-]+(?:\([\w-]+\))?[>#] ?$/): Promise<string> {
    this.type(`${line}\r`);
    const text = await this.until(prompt);
    const output = text.slice(0, text.lastIndexOf("\n") + 1);
    return output.replace(`${line}\r\n`, "").replaceAll("\r\n", "\n");
  }

  /** To the privileged mode, with paging off. */
  async enable(password = "admin"): Promise<void> {
    await this.until(/>$/);
    this.type("enable\r");
    await this.until(/Password: $/);
    this.type(`${password}\r`);
    await this.until(/#$/);
    await this.run("terminal length 0");
  }

  /** Resolves when the device has ended the session. */
  closed(): Promise<void> {
    return this.#closed;
  }

  /** What has arrived and was not read. */
  rest(): string {
    return this.#text;
  }

  resize(rows: number): void {
    this.#channel.setWindow(rows, 80, 0, 0);
  }

  end(): void {
    this.#client.end();
  }

  #take(length: number): string {
    const text = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return text;
  }

  #seen(): string {
    return JSON.stringify(this.#text.slice(-500));
  }
}

/** Runs one command through an exec request. */
export function exec(
  client: ssh2.Client,
  command: string,
): Promise<{ stdout: string; code: number | undefined }> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      let stdout = "";
      let code: number | undefined;
      channel.on("data", (bytes: Buffer) => {
        stdout += bytes.toString("utf8");
      });
      channel.on("exit", (status: number) => {
        code = status;
      });
      channel.on("close", () => resolve({ stdout, code }));
    });
  });
}
