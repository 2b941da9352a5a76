import type { FieldError } from "../../../core/errors.ts";

type Fields = Record<string, unknown>;

/** A request as it would be written for this API, and what of it cannot be. */
export interface Rewritten {
  body: Fields;
  errors: FieldError[];
}

/**
 * Requests that were written for NetPulse: its names of drivers come with fields that are called otherwise here, stand
 * elsewhere, or say what is so in any case. A field that is given in both ways is left, and refused as unknown.
 */
export function rewriteNetpulse(body: Fields): Rewritten {
  const rules = typeof body.driver === "string" ? RULES.get(body.driver) : undefined;
  if (!rules?.some(({ place, name }) => name in argsOf(body, place))) return { body, errors: [] };
  const draft: Draft = {
    body: { ...body },
    connection_args: { ...argsOf(body, "connection_args") },
    driver_args: { ...argsOf(body, "driver_args") },
    errors: [],
  };
  for (const { place, name, becomes } of rules) {
    const fields = draft[place];
    if (!(name in fields)) continue;
    const value = fields[name];
    if (value === null || becomes(value, draft)) delete fields[name];
  }
  const { errors, connection_args, driver_args } = draft;
  return {
    body: {
      ...draft.body,
      ...("connection_args" in body && { connection_args }),
      ...(Object.keys(driver_args).length > 0 || "driver_args" in body ? { driver_args } : {}),
    },
    errors,
  };
}

type Place = "body" | "connection_args" | "driver_args";

interface Draft {
  body: Fields;
  connection_args: Fields;
  driver_args: Fields;
  errors: FieldError[];
}

interface Rule {
  place: Place;
  name: string;
  /** Whether the field has become something else, and is no longer to be looked at. */
  becomes(value: unknown, draft: Draft): boolean;
}

function argsOf(body: Fields, place: Place): Fields {
  const args = place === "body" ? body : body[place];
  return typeof args === "object" && args !== null && !Array.isArray(args) ? (args as Fields) : {};
}

/** Says nothing here. */
const dropped = (place: Place, name: string, ...values: unknown[]): Rule => ({
  place,
  name,
  becomes: (value) => values.includes(value),
});

const moved = (place: Place, name: string, to: Place, as = name): Rule => ({
  place,
  name,
  becomes(value, draft) {
    if (as in draft[to]) return false;
    draft[to][as] = value;
    return true;
  },
});

const refused = (place: "connection_args" | "driver_args", name: string, msg: string): Rule => ({
  place,
  name,
  becomes(_value, { errors }) {
    errors.push({ loc: ["body", place, name], msg });
    return true;
  },
});

const FILES = "is about files of the service's machine, which requests do not reach: give the key's text as";

const enableAndSave = [
  moved("body", "save", "driver_args"),
  moved("body", "enable_mode", "driver_args"),
  moved("connection_args", "enable_mode", "driver_args"),
];

const RULES = new Map<string, readonly Rule[]>(
  Object.entries({
    netmiko: [
      ...enableAndSave,
      dropped("connection_args", "alt_key_file", ""),
      dropped("driver_args", "error_pattern", ""),
    ],
    paramiko: [
      dropped("connection_args", "host_key_policy", "auto_add", "warning"),
      refused(
        "connection_args",
        "host_key_policy",
        "is the node's to decide: ssh.host_key_policy=strict rejects",
      ),
      dropped("connection_args", "look_for_keys", true, false),
      refused("connection_args", "key_filename", `${FILES} pkey`),
      moved("connection_args", "compress", "connection_args", "compression"),
      refused("connection_args", "proxy_key_filename", `${FILES} proxy_pkey`),
      { place: "connection_args", name: "proxy_host", becomes: throughProxy },
      dropped("driver_args", "bufsize", -1),
      { place: "driver_args", name: "file_transfer", becomes: asTransfer },
    ],
    pyeapi: [
      ...enableAndSave,
      moved("driver_args", "transport", "connection_args"),
      moved("driver_args", "port", "connection_args"),
      moved("driver_args", "verify", "connection_args"),
    ],
  }),
);

/** What NetPulse calls a proxy is an SSH server on the way. */
function throughProxy(host: unknown, { connection_args: args }: Draft): boolean {
  if ("jump_hosts" in args) return false;
  const hop: Fields = { host, username: args.proxy_username ?? args.username };
  for (const name of ["port", "password", "pkey", "passphrase"]) {
    const value = args[`proxy_${name}`];
    if (value !== undefined) hop[name] = value;
  }
  for (const name of ["port", "username", "password", "pkey", "passphrase"]) delete args[`proxy_${name}`];
  args.jump_hosts = [hop];
  return true;
}

/** A transfer stood beside a command that is none. */
function asTransfer(value: unknown, { body }: Draft): boolean {
  const command = [body.command].flat();
  if (command.length !== 1 || command[0] !== "__FILE_TRANSFER__" || "file_transfer" in body) return false;
  const { timeout, ...transfer } = argsOf({ driver_args: value }, "driver_args");
  delete body.command;
  body.file_transfer = transfer;
  if (timeout !== undefined && timeout !== null) body.execution_timeout ??= timeout;
  return true;
}
