import { type CliCommand, type Io, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import { processEnvironment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import { type Logger, openLog } from "../observe/log.ts";
import { type Running, serve } from "./serve.ts";
import { untilSignal } from "./signals.ts";

const SUMMARY = "Runs the API and a node in one process: the default on a single machine.";

/** `netpulse serve`: runs until it is told to stop. */
export const serveCommand: CliCommand["run"] = async (argv, io) => {
  const command = addConfigOptions(parser({ name: "netpulse serve", summary: SUMMARY }, io));
  let code = 0;
  command.action(async (options: ConfigOptions) => {
    code = await run(loadFromOptions(options).config, io);
  });
  await command.parseAsync([...argv], { from: "user" });
  return code;
};

async function run(config: Config, io: Io): Promise<number> {
  let closeLog = () => {};
  try {
    const running = await serve(config, processEnvironment(), (secrets) => {
      const opened = openLog({
        ...config.log,
        secrets: [...secrets, ...(config.secretKey ? [config.secretKey] : [])],
      });
      closeLog = opened.close;
      return opened.log;
    });
    announce(running, config, io);
    stopOnFault(running.log, closeLog);
    const signals = untilSignal();
    await signals.first;
    running.log.info("stopping; a second signal stops at once");
    await Promise.race([running.stop(config.worker.stopGrace * 1000), signals.second]);
    return 0;
  } finally {
    closeLog();
  }
}

function announce({ url, newKey }: Running, config: Config, io: Io): void {
  io.out(`netpulse serving at ${url}\n`);
  io.out(`Swagger UI at ${url}/swagger\n`);
  if (newKey !== null) {
    io.out(`API key, made now and kept in ${config.dataDir}/api-key: ${newKey}\n`);
  }
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
