import { join } from "node:path";
import { whileWaiting } from "../cli/listing.ts";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import { backupStorage } from "../storage/open.ts";
import { storeCommand } from "./store-command.ts";

const SUMMARY = `Copies the SQLite store into FILE while the server runs on.

FILE is new, readable by its owner alone, one moment of the store, and checked. It does not hold the sealing key \
and the API key: keep those apart, or the operations of waiting jobs cannot be opened. Redis makes its own backups.`;

export const backupCommand = storeCommand({
  name: "backup",
  summary: SUMMARY,
  shape: (command) => void command.argument("<file>", "the file to make"),
  async run({ config, io, args }) {
    const [to = ""] = args;
    const copied = backupStorage({ url: config.storage.url, to, clock: systemClock });
    const { sizeBytes, version } = await whileWaiting(io, `copying the store to ${to}`, copied);
    io.out(`${to}: ${(sizeBytes / 2 ** 20).toFixed(1)} MiB, schema version ${version}, checked\n`);
    io.out(`not in it: ${missing(config).join("; ")}\n`);
    return 0;
  },
});

/** What a restore needs beside the file. */
function missing({ dataDir, secretKey, server }: Config): string[] {
  return [
    secretKey === null
      ? `the sealing key, ${join(dataDir, "secret.key")}`
      : "the sealing key, NETPULSE_SECRET_KEY",
    server.apiKey === null
      ? `the API key, ${join(dataDir, "api-key")}`
      : "the API key, NETPULSE_SERVER__API_KEY",
  ];
}
