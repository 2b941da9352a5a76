import { randomBytes } from "node:crypto";
import type { ConnectContext, DeviceSession } from "../../src/device/driver.ts";
import { connectSeconds, sshSecrets, sshTarget } from "../../src/device/ssh-args.ts";
import { connectSsh } from "../../src/device/transport/ssh.ts";
import { connectTelnet } from "../../src/device/transport/telnet/telnet.ts";
import { type CliConnectionArgs, type CliDriverArgs, portOf } from "./args.ts";
import { encodingLabel } from "./encoding.ts";
import type { Platform } from "./platform.ts";
import { isTelnet } from "./platforms/index.ts";
import { openCliSession } from "./session.ts";
import { telnetLogin } from "./telnet/login-of.ts";

/** A session with a device of this platform; `detected`: what it was found to be, where the request did not say. */
export async function connectAs(
  platform: Platform,
  context: ConnectContext<CliConnectionArgs>,
  detected: string | null = null,
): Promise<DeviceSession<CliDriverArgs>> {
  const { args, clock, signal } = context;
  const username = args.username + (args.username.includes("+") ? "" : platform.loginOptions);
  const asked = sshTarget({ ...args, username }, portOf(args));
  const telnet = isTelnet(args.device_type);
  // The request's own answers come first.
  const target = telnet ? asked : { ...asked, answers: [...asked.answers, ...platform.loginAnswers] };
  const open = telnet ? null : await connectSsh(target, context);
  return await openCliSession(
    {
      platform: { ...platform, enter: args.default_enter ?? platform.enter },
      detected,
      encoding: encodingLabel(args.encoding),
      clock,
      signal,
      secret: args.secret === "" ? undefined : args.secret,
      unique: () => randomBytes(6).toString("hex"),
      habits: { readSeconds: args.read_timeout_override, verify: args.global_cmd_verify },
      secrets: [args.secret, ...sshSecrets(args)],
      loginSeconds: connectSeconds(args),
      progress: (doing) => context.progress(doing),
      onClosed: (reason) => context.onClosed(reason),
      ...(telnet ? { logIn: telnetLogin(target, platform, context) } : {}),
    },
    (sink) => (open === null ? connectTelnet(target, context, sink) : open.openShell(sink, signal)),
  );
}
