import { type CliCommand, type Io, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import { processEnvironment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import { urlSecrets } from "../config/url-secrets.ts";
import { type Logger, openLog } from "../observe/log.ts";
import type { StartRole } from "./running.ts";
import { stopRequests } from "./signals.ts";

/** `netpulse serve | api | node`: runs until it is told to stop. */
export function roleCommand(role: { name: string; summary: string; start: StartRole }): CliCommand["run"] {
  return async (argv, io) => {
    const command = addConfigOptions(parser({ name: `netpulse ${role.name}`, summary: role.summary }, io));
    let code = 0;
    command.action(async (options: ConfigOptions) => {
      code = await run(role.start, loadFromOptions(options).config, io);
    });
    await command.parseAsync([...argv], { from: "user" });
    return code;
  };
}

async function run(start: StartRole, config: Config, io: Io): Promise<number> {
  let closeLog = () => {};
  try {
    const running = await start(config, processEnvironment(), (secrets) => {
      const opened = openLog({
        ...config.log,
        secrets: [...secrets, ...secretsOf(config), ...urlSecrets(config.storage.url)],
      });
      closeLog = opened.close;
      return opened.log;
    });
    stopOnFault(running.log, closeLog);
    // Before anything is announced: who has read that we run may stop us.
    const requests = stopRequests();
    for (const line of running.announcement) io.out(`${line}\n`);
    await requests.first;
    running.log.info("stopping; a second signal interrupts what runs, a third one ends at once");
    const grace = { ms: config.worker.drainGrace * 1000, cut: requests.second };
    await Promise.race([running.stop(grace), requests.third]);
    return 0;
  } finally {
    closeLog();
  }
}

function secretsOf({ secretKey, previousSecretKey, webhook, credentials: { vault } }: Config): string[] {
  return [secretKey, previousSecretKey, webhook.secret, vault.token, vault.secretId].filter(
    (each) => each !== null,
  );
}

/** An error that nobody caught leaves a state that nobody knows: say so and end; a restart finds all jobs. */
function stopOnFault(log: Logger, closeLog: () => void): void {
  const stop = (error: unknown) => {
    log.error("an error that nobody caught; stopping", { error });
    closeLog();
    process.exit(1);
  };
  process.on("uncaughtException", stop);
  process.on("unhandledRejection", stop);
}
