import type { ConnectContext, DeviceSession } from "../../src/device/driver.ts";
import { connectSeconds, sshSecrets, sshTarget } from "../../src/device/ssh-args.ts";
import { connectSsh } from "../../src/device/transport/ssh.ts";
import { type CliConnectionArgs, type CliDriverArgs, DEFAULT_PORT } from "./args.ts";
import { encodingLabel } from "./encoding.ts";
import type { Platform } from "./platform.ts";
import { openCliSession } from "./session.ts";

/** A session with a device of this platform. */
export async function connectAs(
  platform: Platform,
  context: ConnectContext<CliConnectionArgs>,
): Promise<DeviceSession<CliDriverArgs>> {
  const { args, clock, signal } = context;
  const username = args.username + (args.username.includes("+") ? "" : platform.loginOptions);
  const connection = await connectSsh(sshTarget({ ...args, username }, DEFAULT_PORT), context);
  return await openCliSession(
    {
      platform: { ...platform, enter: args.default_enter ?? platform.enter },
      encoding: encodingLabel(args.encoding),
      clock,
      signal,
      secret: args.secret === "" ? undefined : args.secret,
      habits: { readSeconds: args.read_timeout_override, verify: args.global_cmd_verify },
      secrets: [args.secret, ...sshSecrets(args)],
      loginSeconds: connectSeconds(args),
      progress: (doing) => context.progress(doing),
      onClosed: (reason) => context.onClosed(reason),
    },
    (sink) => connection.openShell(sink, signal),
  );
}
