import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { type CliCommand, type Io, parser } from "../cli/cli.ts";
import { EXIT, failureOf, usage } from "../cli/online/exit.ts";
import { clientOf, type OnlineDeps } from "../cli/online/online.ts";
import { collect, oneOf } from "../cli/online/values.ts";
import { findLogin } from "../config/login.ts";
import type { Scope } from "../core/access.ts";
import { devicePatternProblem } from "../core/device-rules.ts";
import { APPROVALS, type ApprovalPolicy } from "./approvals.ts";
import { environmentLogin } from "./logins.ts";
import { type SessionTerms, serveSession } from "./server.ts";
import type { PlatformInfo } from "./tools/platforms.ts";

const title = {
  name: "netpulse mcp",
  summary:
    "Serve the Model Context Protocol on stdin and stdout, for an assistant that starts this as its child.",
};

const HELP = `
The URL and the key are those of the other commands: NETPULSE_URL and NETPULSE_API_KEY, or netpulse login. Give each assistant
a key of its own, with no more than it needs: netpulse keys add assistant --scopes read,exec --allow-command 'show *'.

NETPULSE_DEVICE_USERNAME, NETPULSE_DEVICE_PASSWORD and NETPULSE_DEVICE_SECRET are used for the devices of --login-for alone.
docs/mcp.md says how clients are set up.`;

interface Options {
  url?: string;
  confirm: ApprovalPolicy;
  loginFor?: string[];
}

/** Longest message that is taken from the client. */
const MAX_MESSAGE = 4 * 1024 ** 2;

/** `netpulse mcp`. */
export function mcpCommand(deps: () => OnlineDeps, platforms: readonly PlatformInfo[]): CliCommand["run"] {
  return async (argv, io) => {
    let code: number = EXIT.done;
    const command = parser(title, io)
      .option("--url <url>", "where the API is")
      .option(
        "--confirm <how>",
        "what applies a configuration: any, user or off; see mcp.config_approval",
        oneOf([...APPROVALS]),
        "any",
      )
      .option(
        "--login-for <device>",
        "[site/]host that the login of the environment is for, with * or as a network; may be repeated",
        collect,
      )
      .allowExcessArguments(false)
      .addHelpText("after", HELP)
      .action(async (options: Options) => {
        code = await serve(deps(), io, options, platforms);
      });
    await command.parseAsync([...argv], { from: "user" });
    return code;
  };
}

async function serve(
  { env, clock }: OnlineDeps,
  io: Io,
  options: Options,
  platforms: readonly PlatformInfo[],
): Promise<number> {
  const { url, apiKey } = findLogin(options.url, env);
  try {
    const { loginFor = [] } = options;
    checkPatterns(loginFor);
    const { scopes } = await clientOf(url, apiKey, clock).keys.own();
    const clientWith = (only: readonly Scope[]) => clientOf(url, apiKey, clock, only);
    await talk({
      ...{ scopes, clientWith, platforms, clock },
      approval: options.confirm,
      loginFor: environmentLogin(env, loginFor),
      onFault: (error) => io.err(`netpulse: ${error instanceof Error ? error.message : String(error)}\n`),
    });
    return EXIT.done;
  } catch (error) {
    const failure = failureOf(error, url);
    if (failure === null) throw error;
    io.err(`netpulse: ${failure.lines.join("\n")}\n`);
    return failure.code;
  }
}

function checkPatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const problem = devicePatternProblem(pattern);
    if (problem !== null) throw usage(`--login-for: "${pattern}" ${problem}`);
  }
}

/** Until the client closes our stdin, or what it sends is no protocol. */
async function talk(terms: SessionTerms): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const transport = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: MAX_MESSAGE });
  process.stdin.once("end", closed.resolve);
  // A client that went away reads no more.
  process.stdout.once("error", () => closed.resolve());
  const mcp = await serveSession(terms, transport);
  mcp.server.onclose = closed.resolve;
  await closed.promise;
  await mcp.close();
}
