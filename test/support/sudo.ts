import { readdirSync } from "node:fs";
import { type Account, abandoned } from "./account.ts";
import { mustAsRoot, program } from "./process.ts";

const RULES = "/etc/sudoers.d";

/** Lets a user run commands by sudo until it is taken back. `rule` as in sudoers, after the user's name. */
export async function allowSudo(account: Account, rule = "ALL=(ALL:ALL) ALL") {
  program("sudo", "sudo");
  for (const name of abandoned(readdirSync(RULES))) await mustAsRoot(["rm", "-f", `${RULES}/${name}`]);
  const file = `${RULES}/${account.name}`;
  const text = `Defaults:${account.name} !fqdn\n${account.name} ${rule}\n`;
  await mustAsRoot(["install", "-m", "0440", "/dev/stdin", file], { stdin: text });
  const take = async () => void (await mustAsRoot(["rm", "-f", file]));
  return { take, [Symbol.asyncDispose]: take };
}
