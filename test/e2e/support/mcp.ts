import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { netpulseCommand } from "../../support/product.ts";

/** What a user says when asked for consent; what was asked is told. */
export type User = (message: string) => "yes" | "no" | "away";

export interface Answered {
  failed: boolean;
  // The tests say what they expect of it.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  content: any;
  text: string;
  meta: Record<string, unknown> | undefined;
}

/** The SDK's own client, as assistants have it. */
export class Assistant {
  readonly client: Client;

  /** Without a user it cannot ask for consent. */
  constructor(user: User | null = null) {
    const capabilities = user === null ? {} : { elicitation: { form: {} } };
    this.client = new Client({ name: "assistant", version: "1" }, { capabilities });
    if (user === null) return;
    this.client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      const said = user(params.message);
      if (said === "away") return { action: "cancel" };
      return { action: "accept", content: { apply: said === "yes" } };
    });
  }

  async tools(): Promise<string[]> {
    return (await this.client.listTools()).tools.map(({ name }) => name).sort();
  }

  async call(name: string, args: Record<string, unknown> = {}, options = {}): Promise<Answered> {
    const result = await this.client.callTool({ name, arguments: args }, undefined, options);
    const [first] = result.content as { type: string; text: string }[];
    return {
      failed: result.isError === true,
      content: result.structuredContent,
      text: first?.text ?? "",
      meta: result._meta,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

export async function overHttp(
  { url, key }: { url: string; key: string },
  user: User | null = null,
): Promise<Assistant & { transport: StreamableHTTPClientTransport }> {
  const assistant = new Assistant(user);
  const headers = { Authorization: `Bearer ${key}` };
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } });
  // The SDK's types are not written for exactOptionalPropertyTypes.
  await assistant.client.connect(transport as Transport);
  return Object.assign(assistant, { transport });
}

export interface StdioOptions {
  url: string;
  key: string;
  argv?: string[];
  env?: Record<string, string>;
  user?: User | null;
  /** A binary to start, whatever the other tests run. */
  program?: string;
}

/** `netpulse mcp` as a child, as an assistant starts it. */
export async function overStdio(options: StdioOptions): Promise<Assistant> {
  const { url, key, argv = [], env = {}, user = null, program } = options;
  const assistant = new Assistant(user);
  const [command = "", ...first] = program === undefined ? netpulseCommand() : [program];
  const transport = new StdioClientTransport({
    command,
    args: [...first, "mcp", ...argv],
    env: { PATH: process.env.PATH ?? "", NETPULSE_URL: url, NETPULSE_API_KEY: key, ...env },
    stderr: "pipe",
  });
  await assistant.client.connect(transport);
  return assistant;
}
