import { Forbidden, type Netpulse, Unauthorized } from "../../../client/index.ts";
import { findLogin, forgetLogin, keepLogin } from "../../../config/login.ts";
import { wakefulClock } from "../../../core/clock.ts";
import type { CliCommand, Io } from "../../cli.ts";
import { parser } from "../../cli.ts";
import { EXIT, failureOf, usage } from "../exit.ts";
import { clientOf, type OnlineDeps } from "../online.ts";

const HELP = `
The key is asked for, or read from stdin where that is no terminal; it is never an argument, as others can see those.
It is tried before it is kept, in $XDG_CONFIG_HOME/netpulse/login.json (~/.config), which only you can read.

  netpulse login http://netpulse.example.net:9000
  netpulse login http://localhost:9000 < data/api-key
  netpulse login --forget`;

/** `netpulse login`. */
export function loginCommand(deps: () => OnlineDeps): CliCommand["run"] {
  return async (argv, io) => {
    let code: number = EXIT.done;
    const summary = "Keep where the API is and the key for it, for all commands.";
    const command = parser({ name: "netpulse login", summary }, io)
      .argument("[url]", "where the API is")
      .option("--forget", "forget what is kept")
      .addHelpText("after", HELP)
      .action(async (url: string | undefined, { forget = false }: { forget?: boolean }) => {
        code = forget ? forgetIt(io, deps()) : await logIn(io, deps(), url);
      });
    await command.parseAsync([...argv], { from: "user" });
    return code;
  };
}

function forgetIt(io: Io, { env }: OnlineDeps): number {
  io.out(forgetLogin(env) ? "forgotten\n" : "no login was kept\n");
  return EXIT.done;
}

async function logIn(io: Io, { env, terminal }: OnlineDeps, given: string | undefined): Promise<number> {
  const url = given ?? findLogin(undefined, env).url;
  try {
    const apiKey = await askKey(url, terminal);
    await tryKey(clientOf(url, apiKey, wakefulClock));
    io.out(`kept in ${keepLogin({ url, apiKey }, env)}\n`);
    return EXIT.done;
  } catch (error) {
    // What to do about it is being done.
    const failure =
      error instanceof Unauthorized
        ? { code: EXIT.unreachable, lines: [`${url}: ${error.message}`] }
        : failureOf(error, url);
    if (failure === null) throw error;
    io.err(`netpulse: ${failure.lines.join("\n")}\n`);
    return failure.code;
  }
}

/** A key that may not list workers is a key all the same. */
async function tryKey(client: Netpulse): Promise<void> {
  try {
    await client.workers.list({ limit: 1 }, { retryForMs: 0 });
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
  }
}

async function askKey(url: string, terminal: OnlineDeps["terminal"]): Promise<string> {
  const text = terminal.asks
    ? await terminal.ask(`API key for ${url}: `, { hidden: true })
    : new TextDecoder().decode(await terminal.read());
  const key = (text ?? "").trim();
  if (key === "") throw usage("no key was given");
  return key;
}
