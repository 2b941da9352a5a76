import { type CliCommand, EXIT_FAILURE, EXIT_USAGE, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import { serverUrl } from "../config/login.ts";
import type { Config } from "../config/schema.ts";
import { nodeDoorPath } from "./node-door.ts";

const SUMMARY = `Finds out whether the API of this machine answers (/livez), or else its node. For health checks: it takes the
same configuration as what it asks, and no key.

Exit code 0 when one answers, 1 when none does.`;

/** How long an answer may take, ms: what orchestrators wait for is some seconds. */
const PATIENCE_MS = 2500;

type Role = "api" | "node";

/** `netpulse alive`. */
export const aliveCommand: CliCommand["run"] = async (argv, io) => {
  const command = addConfigOptions(parser({ name: "netpulse alive", summary: SUMMARY }, io));
  command.option("--role <role>", "ask only the api (serve has one, too), or only the node");
  let code = 0;
  command.action(async ({ role, ...options }: ConfigOptions & { role?: string }) => {
    if (role !== undefined && role !== "api" && role !== "node") {
      io.err(`netpulse: there is no role ${role} to ask; give api or node\n`);
      code = EXIT_USAGE;
      return;
    }
    const { config } = loadFromOptions(options);
    const roles: readonly Role[] = role === undefined ? ["api", "node"] : [role];
    const answers = await Promise.all(roles.map((each) => ask(each, config)));
    const alive = answers.find(({ problem }) => problem === null);
    if (alive !== undefined) return io.out(`alive: ${alive.who}\n`);
    for (const { who, problem } of answers) io.err(`netpulse: ${who}: ${problem}\n`);
    code = EXIT_FAILURE;
  });
  await command.parseAsync([...argv], { from: "user" });
  return code;
};

interface Answer {
  who: string;
  problem: string | null;
}

async function ask(role: Role, { server, dataDir, node }: Config): Promise<Answer> {
  if (role === "node") {
    const unix = nodeDoorPath(dataDir, node.name);
    return { who: `node ${node.name}`, problem: await problemOf("http://localhost/", { unix }) };
  }
  const url = serverUrl(server);
  // It is our own, by an address that need not be in its certificate.
  return { who: url, problem: await problemOf(`${url}/livez`, { tls: { rejectUnauthorized: false } }) };
}

async function problemOf(url: string, options: BunFetchRequestInit): Promise<string | null> {
  try {
    const { ok, status } = await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
    return ok ? null : `answered ${status}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      return `no answer within ${PATIENCE_MS / 1000} s`;
    const code = error instanceof Error && "code" in error ? error.code : "unknown error";
    return `is not there (${code})`;
  }
}
