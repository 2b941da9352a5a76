import type { DocumentDecoration } from "elysia";
import type { DriverInfo } from "../../drivers.ts";
import { operation, ref, toOpenApi } from "../../openapi.ts";
import { jobExample } from "../jobs/docs.ts";
import { credential } from "./credential.ts";
import { ExecBodySchema, idempotencyHeader } from "./schema.ts";
import { ownParsing, variables } from "./templates.ts";

/** How to log in to a router, in examples. */
export const routerLogin = {
  device_type: "cisco_ios",
  host: "192.0.2.1",
  username: "admin",
  password: "the device's password",
};

const examples = {
  command: {
    summary: "One command on a Cisco router",
    value: {
      driver: "netmiko",
      connection_args: routerLogin,
      command: "show version",
    },
  },
  config: {
    summary: "A configuration, over a session of its own",
    value: {
      driver: "netmiko",
      connection_args: routerLogin,
      config: ["interface Loopback0", "description made by NetPulse"],
      options: { queue_strategy: "fifo", execution_timeout: 60 },
    },
  },
  jump: {
    summary: "A router behind two jump hosts, the first of which wants a one-time password",
    value: {
      driver: "netmiko",
      connection_args: {
        device_type: "cisco_ios",
        host: "10.1.1.1",
        username: "admin",
        password: "the device's password",
        legacy: true,
        jump_hosts: [
          {
            host: "bastion.example.net",
            username: "ops",
            password: "the bastion's password",
            totp: { secret: "JBSWY3DPEHPK3PXP" },
          },
          { host: "10.1.0.1", port: 2222, username: "ops", password: "the second one's password" },
        ],
      },
      command: "show ip interface brief",
    },
  },
  rendering: {
    summary: "A configuration of a template, with variables",
    value: {
      driver: "netmiko",
      connection_args: routerLogin,
      config: { vlans: [{ id: 10, name: "office" }] },
      rendering: {
        name: "jinja2",
        template: "{% for vlan in vlans %}vlan {{ vlan.id }}\n name {{ vlan.name }}\n{% endfor %}",
      },
    },
  },
  parsing: {
    summary: "A command whose output becomes data, by ntc-templates in the template folder",
    value: {
      driver: "netmiko",
      connection_args: routerLogin,
      command: "show ip interface brief",
      parsing: { name: "textfsm" },
    },
  },
  sudo: {
    summary: "A command as root",
    value: {
      driver: "paramiko",
      connection_args: { host: "192.0.2.10", username: "ops", password: "the user's password" },
      command: "systemctl restart nginx",
      driver_args: { sudo: true, sudo_password: "the user's password", timeout: 60 },
    },
  },
  file: {
    summary: "A file that was sent to POST /storage, to a Linux host",
    value: {
      driver: "paramiko",
      connection_args: { host: "192.0.2.10", username: "ops", password: "the user's password" },
      file_transfer: {
        operation: "upload",
        local_path: "uploads/3f9c0a51be7742d0a1c655e0/motd.txt",
        remote_path: "motd.txt",
        chmod: "0644",
      },
    },
  },
  proxy: {
    summary: "A Linux host over a proxy, with a key of the node's SSH agent",
    value: {
      driver: "paramiko",
      connection_args: {
        host: "2001:db8::1",
        username: "ops",
        allow_agent: true,
        proxy: { type: "socks5", host: "proxy.example.net", port: 1080 },
      },
      command: "uptime",
    },
  },
  telnet: {
    summary: "A switch that has nothing but Telnet",
    value: {
      driver: "netmiko",
      connection_args: {
        device_type: "hp_procurve_telnet",
        host: "192.0.2.9",
        username: "manager",
        password: "the device's password",
      },
      command: "show version",
    },
  },
  eapi: {
    summary: "Data of an Arista switch, whose certificate is pinned",
    value: {
      driver: "pyeapi",
      connection_args: {
        host: "192.0.2.1",
        username: "admin",
        password: "the device's password",
        fingerprint: "acaadfc52bf2f2e85bfe19382fa857b25478220af18f78c3d0c82d67be6e90e6",
      },
      command: ["show version", "show vlan"],
    },
  },
};

const queued = {
  ...jobExample,
  status: "queued",
  started_at: null,
  ended_at: null,
  worker: null,
  result: null,
  duration: null,
  queue_time: null,
  node: null,
  attempts: 0,
};

/** The documentation of the route under its two names. */
export function execDocs(drivers: readonly DriverInfo[]): (id: string) => DocumentDecoration {
  const names = drivers.map(
    ({ name, aliases, summary, operations }) =>
      `- \`${[name, ...aliases].join("`, `")}\`: ${summary}; takes ${operations.map((each) => `\`${each}\``).join(", ")}`,
  );
  return (id) =>
    operation({
      id,
      tag: "Devices",
      scope: ["exec", "config"],
      summary: "Run commands, apply a configuration or transfer files",
      description: [
        "Answers at once with the queued job; GET /job has its result. `command` needs the scope `exec`, `config` and `file_transfer` the scope `config`.",
        "",
        "A file to upload may come with its job, in a form: `request` is the job as JSON, with one upload that names no `local_path`. At most `storage_files.max_size`.",
        "",
        "Fields that are null count as absent. Under the drivers' names of NetPulse requests that were written for it run unchanged: `save`, `enable_mode`, `proxy_host` and the like are understood, though no schema here has them.",
        "",
        "Drivers:",
        ...names,
      ].join("\n"),
      headers: idempotencyHeader,
      body: { schema: ref("ExecRequest"), examples },
      bytes: "What the job uploads.",
      success: {
        status: 201,
        description: "The job.",
        data: { anyOf: [ref("Job"), ref("DetachedJob")] },
        headers: { "Idempotency-Replayed": "`true` on a repeat that answers with the first job." },
        example: { code: 200, message: "success", data: queued },
      },
      failures: [408, 413, 415, 422, 503, 507],
    });
}

/** Schemas for `components`: the body, with what each driver takes. */
export function execComponents(drivers: readonly DriverInfo[]): Record<string, unknown> {
  const parts = drivers.flatMap(({ name, connectionArgs, driverArgs, commandArgs }) => [
    [`ConnectionArgs_${name}`, withReferences(toOpenApi(connectionArgs))],
    [`DriverArgs_${name}`, toOpenApi(driverArgs)],
    ...(commandArgs === undefined
      ? []
      : [[`Command_${name}`, withCommand(toOpenApi(commandArgs) as object)]]),
  ]);
  const body = toOpenApi(ExecBodySchema) as { properties: Record<string, object> };
  const { command, queue_strategy, options } = body.properties;
  const strategy = {
    ...queue_strategy,
    description: `${describe(queue_strategy)} ${defaultQueues(drivers)}`,
  };
  const properties = {
    ...ofDrivers(body.properties, drivers),
    queue_strategy: strategy,
    options: withProperty(options, "queue_strategy", strategy),
    command: commandDocs(command, drivers),
  };
  const exec = drivers.length > 0 ? { ...body, properties } : body;
  const plain = withCommand({ type: "object", additionalProperties: false });
  return { ExecRequest: exec, Command: plain, ...Object.fromEntries(parts) };
}

interface Described {
  properties: Record<string, Described | undefined>;
  required?: string[];
  items?: Described;
  description?: string;
}

/** Who logs in may stand in a credential; that of a jump host is named beside its address. */
function withReferences(schema: unknown): object {
  // Safe: a driver's arguments are an object.
  const plain = withoutUser(schema as Described);
  const { jump_hosts: hops } = plain.properties;
  if (hops?.items === undefined) return plain;
  const hop = withoutUser(hops.items);
  const own = { ...(toOpenApi(credential) as object), description: HOP_CREDENTIAL };
  const items = { ...hop, properties: { ...hop.properties, credential: own } };
  return { ...plain, properties: { ...plain.properties, jump_hosts: { ...hops, items } } };
}

const HOP_CREDENTIAL =
  "Where the login of this jump host is kept, as the request's own `credential`; it goes to this host alone.";

function withoutUser(schema: Described): Described {
  const { username } = schema.properties;
  if (username === undefined) return schema;
  const description = `${username.description} Required where no \`credential\` has it.`;
  return {
    ...schema,
    properties: { ...schema.properties, username: { ...username, description } },
    required: (schema.required ?? []).filter((name) => name !== "username"),
  };
}

/** What may stand in a list of commands. */
function commandDocs(command: object | undefined, drivers: readonly DriverInfo[]): object {
  const text = { type: "string", minLength: 1 };
  const entries = drivers
    .filter(({ commandArgs }) => commandArgs !== undefined)
    .map(({ name }) => ref(`Command_${name}`));
  const items = { anyOf: [{ type: "string" }, ref("Command"), ...entries] };
  const anyOf = [text, { type: "array", minItems: 1, items }, toOpenApi(variables)];
  return { description: describe(command), anyOf };
}

function withCommand(schema: object): object {
  const properties = "properties" in schema ? (schema.properties as object) : {};
  const command = { type: "string", description: "The command." };
  const parsing = toOpenApi(ownParsing);
  return { ...schema, properties: { command, parsing, ...properties }, required: ["command"] };
}

/** Properties of a body, those that depend on the driver with what the drivers take. */
export function ofDrivers(
  properties: Record<string, object>,
  drivers: readonly DriverInfo[],
): Record<string, object> {
  if (drivers.length === 0) return properties;
  const { driver, connection_args, driver_args } = properties;
  const anyOf = (prefix: string) => ({ anyOf: drivers.map(({ name }) => ref(`${prefix}_${name}`)) });
  return {
    ...properties,
    driver: { ...driver, enum: drivers.flatMap(({ name, aliases }) => [name, ...aliases]) },
    connection_args: { description: describe(connection_args), ...anyOf("ConnectionArgs") },
    driver_args: { description: describe(driver_args), ...anyOf("DriverArgs") },
  };
}

function defaultQueues(drivers: readonly DriverInfo[]): string {
  const defaults = drivers.map(({ name, defaultQueue }) => `\`${defaultQueue}\` for \`${name}\``);
  return `Default: ${defaults.join(", ")}.`;
}

function withProperty(schema: object | undefined, name: string, property: object): object {
  const properties = schema && "properties" in schema ? (schema.properties as object) : {};
  return { ...schema, properties: { ...properties, [name]: property } };
}

function describe(schema: object | undefined): unknown {
  return schema && "description" in schema ? schema.description : "";
}
