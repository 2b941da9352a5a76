/** What becomes of an argument that netmiko knows. */
export type Fate =
  /** It means what it means there, with the differences that are told. */
  | "works"
  /** Taken, so that requests written for netmiko run; nothing depends on it. */
  | "no effect"
  /** Taken with the one value that changes nothing; any other is refused. */
  | "only"
  /** Refused by its name, with the way out. */
  | "refused";

export type Call =
  | "ConnectHandler"
  | "send_command"
  | "send_command_timing"
  | "send_config_set"
  | "save_config"
  | "commit"
  | "file_transfer"
  | "NetPulse";

export interface NetmikoArgument {
  name: string;
  place: "connection_args" | "driver_args";
  /** The calls that have it. */
  of: readonly Call[];
  fate: Fate;
  /** What it may be, of one that is taken without effect. */
  takes?: "boolean" | "number" | "text";
  /** The value that changes nothing, of an `only`. */
  only?: boolean;
  /** For people: of one that works, where it differs; of the others, why, and what to do instead. */
  says: string;
}

type Row = Omit<NetmikoArgument, "place" | "of">;

function at(place: NetmikoArgument["place"], of: readonly Call[], rows: readonly Row[]): NetmikoArgument[] {
  return rows.map((row) => ({ place, of, ...row }));
}

const works = (name: string, says = "As there."): Row => ({ name, fate: "works", says });
const refused = (name: string, says: string): Row => ({ name, fate: "refused", says });
const idle = (name: string, takes: NonNullable<Row["takes"]>, says: string): Row => ({
  name,
  fate: "no effect",
  takes,
  says,
});
const only = (name: string, value: boolean, says: string): Row => ({ name, fate: "only", only: value, says });

const SLEEPS = "Tunes sleeps; the driver waits for what the device prints, and never sleeps.";
const FILES = "is about files of the service's machine, which requests do not reach";
const NO_FILES = "is about files, and this driver transfers none";

const connection = at(
  "connection_args",
  ["ConnectHandler"],
  [
    works("host"),
    refused("ip", "is called host here"),
    works("port"),
    works("device_type", "The platform's name, or one of netmiko's for it; docs/platforms.md."),
    works("username"),
    works("password"),
    works("secret"),
    works("pkey", "The private key as text."),
    works("passphrase"),
    works("allow_agent", "The agent is the node's, and must be configured (`ssh.agent_socket`)."),
    idle("use_keys", "boolean", "`pkey` is used where it is given, and keys in files never are."),
    refused("key_file", `${FILES}: give the key's text as pkey`),
    refused("ssh_config_file", `${FILES}: give jump_hosts or proxy`),
    refused("alt_key_file", `${FILES}: known host keys are kept by the service (netpulse hostkeys)`),
    only("ssh_strict", false, "The node's `ssh.host_key_policy` decides; a request cannot."),
    only("system_host_keys", false, "Known host keys are kept by the service."),
    only("alt_host_keys", false, "Known host keys are kept by the service."),
    refused("disabled_algorithms", "is paramiko's; legacy offers old algorithms to a device"),
    idle("disable_sha2_fix", "boolean", "Works around paramiko."),
    refused("sock", "is an object of Python: give jump_hosts or proxy"),
    refused("sock_telnet", "is an object of Python, for Telnet"),
    refused("serial_settings", "is about a serial port of the service's machine"),
    works("timeout", "Seconds for each phase of connecting that has no time-out of its own; 10 here."),
    works("conn_timeout", "`timeout` where it is not given."),
    works("auth_timeout", "`timeout` where it is not given."),
    works("banner_timeout", "`timeout` where it is not given."),
    idle("blocking_timeout", "number", "Nothing blocks."),
    idle("session_timeout", "number", "Waits for another thread's use of the session, which has none here."),
    works(
      "read_timeout_override",
      "In place of every `read_timeout` of jobs on this session; seconds of silence, as that.",
    ),
    works("keepalive", "30 here; 0 for none."),
    works("default_enter", "What ends a typed line: CR, LF, or both; the platform's where it is not given."),
    idle("response_return", "text", "Lines of output always end with LF."),
    works("encoding", "Of what the device prints. With one that is not UTF-8 only ASCII is typed."),
    works("global_cmd_verify", "In place of every `cmd_verify` of jobs on this session."),
    idle("global_delay_factor", "number", SLEEPS),
    idle("fast_cli", "boolean", SLEEPS),
    idle("delay_factor_compat", "boolean", SLEEPS),
    refused("session_log", `${FILES}: follow GET /job/{id}/events`),
    idle("session_log_record_writes", "boolean", "There is no `session_log`."),
    idle("session_log_file_mode", "text", "There is no `session_log`."),
    idle("verbose", "boolean", "Nothing is printed on a console."),
    idle("allow_auto_change", "boolean", "Prompts are learnt anew whenever they change."),
    only("auto_connect", true, "A session is opened where a job needs one."),
    only("disable_lf_normalization", false, "Lines of output always end with LF."),
  ],
);

const commands = at(
  "driver_args",
  ["send_command", "send_command_timing"],
  [
    refused("command_string", "is the request's command"),
    works(
      "read_timeout",
      "Seconds of silence (60 here), not in all: what goes on printing is not given up. 0: no limit. The whole is bounded by `execution_timeout`.",
    ),
    works("strip_prompt", "Of configuration too; true here for both."),
    works("strip_command", "Of configuration too; true here for both."),
    works("cmd_verify", "Of configuration too."),
    idle("delay_factor", "number", SLEEPS),
    idle("max_loops", "number", SLEEPS),
    only("normalize", true, "A typed line is always ended."),
    works(
      "use_textfsm",
      "The text stays in `stdout`; records go to `parsed`. Templates come from the template folder.",
    ),
    works("textfsm_template", "A file of the template folder, or the template's text."),
    works("use_ttp", "The text stays in `stdout`; what was found goes to `parsed`."),
    works("ttp_template", "A file of the template folder, or the template's text."),
    only("use_genie", false, "Genie is a library of Python."),
    only("raise_parsing_error", false, "What cannot be parsed is told in `parse_error`, beside the text."),
  ],
);

const patternAlone = at(
  "driver_args",
  ["send_command"],
  [
    works(
      "expect_string",
      "A regex of Python, with a budget of steps. A match in whole lines leaves the prompt 2 s to come; the prompt without a match fails the command at once.",
    ),
    idle("auto_find_prompt", "boolean", "The prompt is known at all times."),
  ],
);

const timingAlone = at("driver_args", ["send_command_timing"], [idle("last_read", "number", SLEEPS)]);

const configuration = at(
  "driver_args",
  ["send_config_set"],
  [
    refused("config_commands", "is the request's config"),
    works("exit_config_mode", "Not with `save`, nor where lines are committed."),
    only("enter_config_mode", true, "Lines that are not of configuration mode are a `command`."),
    works("config_mode_command", "Where the platform has a configuration mode."),
    works(
      "error_pattern",
      "Besides what the platform knows as a refusal, which ends the job in any case. A regex of Python, with a budget of steps.",
    ),
    idle("terminator", "text", "The prompt of configuration mode is known."),
    idle(
      "bypass_commands",
      "text",
      "Texts such as banners are known by platform (docs/commands.md). Elsewhere the prompt counts after half a second also where a line is not repeated.",
    ),
  ],
);

const saving = at(
  "driver_args",
  ["save_config"],
  [
    refused("cmd", "is the platform's own: save types it, docs/platforms.md"),
    refused("confirm_response", "is the platform's own: save answers what is asked"),
  ],
);

const committing = at(
  "driver_args",
  ["commit"],
  [
    refused("confirm", "is said by commit_confirm, in seconds"),
    refused("confirm_delay", "is said by commit_confirm, in seconds"),
    refused("check", "is said by dry_run"),
    refused("comment", "is not offered"),
    refused("and_quit", "is not needed: configuration mode is left"),
  ],
);

const files = at(
  "driver_args",
  ["file_transfer"],
  [
    "source_file",
    "dest_file",
    "file_system",
    "local_path",
    "remote_path",
    "direction",
    "disable_md5",
    "inline_transfer",
    "overwrite_file",
    "socket_timeout",
    "progress",
    "progress4",
    "verify_file",
  ].map((name) => refused(name, NO_FILES)),
);

const ours = at(
  "driver_args",
  ["NetPulse"],
  [
    works("enable_mode", "Default: true when `secret` is given."),
    works("save", "Checked: a configuration that was not saved fails the job."),
  ],
);

/** Every argument that a request written for netmiko, or for NetPulse over it, may hold. */
export const netmikoArguments: readonly NetmikoArgument[] = [
  ...connection,
  ...commands,
  ...patternAlone,
  ...timingAlone,
  ...configuration,
  ...saving,
  ...committing,
  ...files,
  ...ours,
];
