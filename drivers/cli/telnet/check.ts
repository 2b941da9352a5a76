import type { FieldError } from "../../../src/device/driver.ts";
import type { CliConnectionArgs } from "../args.ts";
import { checkTyped } from "../check-lines.ts";
import { isTelnet } from "../platforms/index.ts";

type Args = Partial<CliConnectionArgs>;

const ROOT = "connection_args";
const OF_SSH = ["pkey", "passphrase", "totp", "allow_agent", "legacy", "compression"] as const;

/** What does not go with a login that is typed, on a connection that nothing protects. */
export function checkTelnet(args: Args): FieldError[] {
  if (args.device_type === undefined || !isTelnet(args.device_type)) return [];
  const given = OF_SSH.filter((name) => args[name] !== undefined && args[name] !== false);
  return [
    ...given.map((name) => ({
      loc: [ROOT, name],
      msg: "is of SSH; this device_type is reached over Telnet",
    })),
    ...checkTyped([ROOT, "username"], args.username ?? "", "a user name"),
    ...checkTyped([ROOT, "password"], args.password ?? "", "a password"),
    ...(args.login_answers ?? []).flatMap(({ answer }, index) =>
      checkTyped([ROOT, "login_answers", index, "answer"], answer, "an answer"),
    ),
  ];
}
