import type { CliCommand } from "../cli/cli.ts";
import { sealerOf } from "./sealing.ts";
import { storeCommand, withStore } from "./store-command.ts";
import { webhookSecret } from "./webhooks.ts";

const SUMMARY = `Prints the secret that webhooks are signed with, for their receivers.

It is webhook.secret, or follows from a key of the store's own, and stays when the key that seals is changed.`;

export const webhookSecretCommand: CliCommand["run"] = storeCommand({
  name: "webhook-secret",
  summary: SUMMARY,
  async run({ config, io }) {
    const sealer = await withStore(config, { mustExist: true }, async (storage) => {
      await storage.migrate();
      return await sealerOf(config, storage);
    });
    io.out(`${webhookSecret(config, sealer)}\n`);
    return 0;
  },
});
