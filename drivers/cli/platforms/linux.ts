import { definePlatform } from "../platform.ts";

/** No command of ours stops at a pager. */
const UNPAGED = "export PAGER=cat SYSTEMD_PAGER=cat";

/** A Linux shell as a command line. Its privileged mode is root's, and so is what netmiko calls configuration. */
export default definePlatform({
  deviceType: "linux",
  title: "Linux (a shell)",
  ntcName: "linux",
  shell: true,
  remarks: [
    "For commands with their exit status, scripts and files there is the driver `linux`. A shell tells only of commands " +
      "that it does not find, or may not run.",
    "The prompt has to show user, host and folder, as most distributions' do (`user@host:~$`, `[user@host ~]$`); " +
      "`generic` takes any.",
    "A session that became root, by `secret` or for a `config` job, stays so.",
  ],
  detect: { send: "uname -a", says: [/^Linux \S/] },
  modes: {
    root: {
      prompt: /^\[?[\w.-]{1,32}@(?<host>\w[\w.-]{0,62})[: ][\w~/. +-]{1,120}\]?#$/,
      steps: { user: { send: "exit" } },
    },
    user: {
      prompt: /^\[?[\w.-]{1,32}@(?<host>\w[\w.-]{0,62})[: ][\w~/. +-]{1,120}\]?\$$/,
      steps: {
        root: {
          send: "sudo -s",
          questions: [{ asks: /^(?:\[sudo\] )?password(?: for [\w.@-]{1,64})?:?$/i, answer: "secret" }],
          denials: [
            {
              says: /^sorry, try again|\bincorrect password attempt/i,
              type: "AuthenticationError",
              message: "sudo did not accept the password (connection_args.secret)",
            },
            {
              says: /\bis not in the sudoers file|\bis not allowed to (?:execute|run)\b|\bmay not run sudo\b/i,
              type: "AuthenticationError",
              message: "the account may not become root",
            },
          ],
        },
      },
    },
  },
  commandModes: ["user", "root"],
  privilegedMode: "root",
  configMode: "root",
  onOpen: [UNPAGED],
  onMode: { root: [UNPAGED] },
  refusals: {
    command: [
      /^-?(?:ba|da|z|k|a)?sh: .{1,200}: (?:command )?not found$/,
      /^sudo: .{1,200}: command not found$/,
      /^[\w.-]{1,32}: .{1,200}: Permission denied$/,
    ],
    config: [
      /^[\w.-]{1,32}: .{1,200}: (?:No such file or directory|Operation not permitted|Read-only file system)$/,
    ],
    preamble: [],
  },
  renames: /\bhostname(?:ctl)?\b/,
});
