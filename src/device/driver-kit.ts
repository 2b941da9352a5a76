/** What a driver that does not come with NetPulse may use of it: the module `netpulse/driver`. */
export { addressArgs, portArg } from "./address-args.ts";
export * from "./driver.ts";
export { assertHarmless } from "./limited-args.ts";
export { hide, type Redactor, redactor } from "./redact.ts";
export { checkSshArgs, connectSeconds, sshArgs, sshSecrets, sshTarget } from "./ssh-args.ts";
export { within } from "./transport/phase.ts";
export { connectSsh } from "./transport/ssh.ts";
export type { ExecChannel, ExecEnd, ExecSink, SshConnection } from "./transport/ssh-connection.ts";
