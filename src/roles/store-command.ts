import { type CliCommand, type Io, parser } from "../cli/cli.ts";
import { addConfigOptions, type ConfigOptions, loadFromOptions } from "../cli/config-options.ts";
import type { Config } from "../config/schema.ts";
import { StartupError, StorageError } from "../core/errors.ts";
import { openStorage } from "../storage/open.ts";
import type { Store } from "../storage/store.ts";
import { storageOptions } from "./storage-options.ts";

type Command = ReturnType<typeof parser>;

/** A command that works on the store itself, beside whatever uses it. `O`: its own options. */
export function storeCommand<O extends object>(what: {
  name: string;
  summary: string;
  /** Adds its own options and arguments. */
  shape?: (command: Command) => void;
  run(params: { config: Config; io: Io; options: O; args: string[] }): Promise<number>;
}): CliCommand["run"] {
  return async (argv, io) => {
    const command = addConfigOptions(parser({ name: `netpulse ${what.name}`, summary: what.summary }, io));
    what.shape?.(command);
    let code = 0;
    command.action(async () => {
      const options = command.opts<ConfigOptions & O>();
      code = await what.run({ config: loadFromOptions(options).config, io, options, args: command.args });
    });
    await command.parseAsync([...argv], { from: "user" });
    return code;
  };
}

/** Opens the configured store, unmigrated, for one piece of work. What the store refuses is the operator's to mend. */
export async function withStore<R>(
  config: Config,
  { mustExist }: { mustExist: boolean },
  work: (storage: Store) => Promise<R>,
): Promise<R> {
  const storage = await openStorage({ ...storageOptions(config), mustExist });
  try {
    return await work(storage);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new StartupError(error.message, { cause: error });
  } finally {
    await storage.close();
  }
}
