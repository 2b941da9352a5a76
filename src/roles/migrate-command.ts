import { makeDataDir } from "./data-dir.ts";
import { storeCommand, withStore } from "./store-command.ts";

const SUMMARY = `Brings the store to this program's schema, and makes an empty store where there is none.

Every role does the same when it starts; this is for doing it before, in its own moment. A store that a newer \
program has migrated is refused. Make a backup first: there is no way back.`;

export const migrateCommand = storeCommand({
  name: "migrate",
  summary: SUMMARY,
  async run({ config, io }) {
    makeDataDir(config.dataDir);
    const { from, to } = await withStore(config, { mustExist: false }, (storage) => storage.migrate());
    if (from === to) io.out(`schema version ${to}: nothing to do\n`);
    else io.out(`schema version ${from} -> ${to}\n`);
    return 0;
  },
});
