import {
  bytes,
  folder,
  hostPatterns,
  integer,
  intervals,
  type Kind,
  networks,
  oneOf,
  origins,
  places,
  proxies,
  seconds,
  share,
  sites,
  text,
  timeZone,
  vaultPaths,
} from "./kinds.ts";

/** What a default may depend on. */
export interface Machine {
  hostname: string;
  /** Whether a person reads the log as it is written. */
  tty: boolean;
}

/** One key of the configuration. */
export interface Key<T extends {}, D extends T | null = T> extends Kind<T> {
  /** `{data_dir}` in a default or value stands for `data_dir`. */
  default: D | ((machine: Machine) => D);
  /** How the default is written in the documentation where it depends on the machine. */
  defaultText?: string;
  /** Shown and logged as asterisks only. */
  secret: boolean;
  doc: string;
  /** The environment variable, where it is not made from the key's name. */
  env?: string;
  /** A variable of another program that counts where nobody sets the key for us. */
  foreignEnv?: string;
}

const MiB = 1024 ** 2;
/** The longest a timer can run (2^31 ms, less some). */
const LONGEST_TIMER = 2_000_000;
const YEAR = 365 * 24 * 3600;

/** Printable and not empty: what a header, a path and a terminal can carry. */
const PRINTABLE = /^[^\p{Cc}]{1,1024}$/u;

/** Names with slashes between them. */
const VAULT_PATH = /^[\w@+~.-]{1,128}(?:\/[\w@+~.-]{1,128}){0,15}$/;

function key<T extends {}>(kind: Kind<T>, rest: { default: NoInfer<T>; doc: string }): Key<T> {
  return { ...kind, ...rest, secret: false };
}

/** A key that may be left out; `defaultText` says what holds then. */
function optional<T extends {}>(
  kind: Kind<T>,
  rest: { defaultText?: string; doc: string },
): Key<T, T | null> {
  return { ...kind, ...rest, default: null, secret: false };
}

function secret(kind: Kind<string>, doc: string): Key<string, string | null> {
  return { ...kind, default: null, secret: true, doc };
}

/**
 * Every key there is: the type of `Config`, the parsing, `netpulse config` and `docs/configuration.md`
 * are all made from this. Names are in camel case here; outside they are `section.key_name` and
 * `NETPULSE_SECTION__KEY_NAME`. Durations are seconds, sizes are bytes.
 */
export const SCHEMA = {
  dataDir: key(text(PRINTABLE, "a folder"), {
    default: "./data",
    doc: "Folder for everything that is kept: the database, the sealing key, the API key.",
  }),
  secretKey: secret(
    text(/^[^\p{Cc}]{16,1024}$/u, "64 hexadecimal digits, or text of 16 characters or more"),
    "Key that seals what is stored of a job until it ends. On SQLite made in the data folder when not given; on Redis required, and the same for all who use the store.",
  ),
  previousSecretKey: secret(
    text(/^[^\p{Cc}]{16,1024}$/u, "64 hexadecimal digits, or text of 16 characters or more"),
    "The key before `secret_key`, while the store goes over from one to the other (`netpulse secrets rotate-key`). Only with `secret_key`.",
  ),
  driversDir: optional(folder(), {
    defaultText: "none: the drivers that come with NetPulse",
    doc: "Folder of further drivers: each a TypeScript or JavaScript file, or a folder with an `index` file, that imports `netpulse/driver`. They run as part of NetPulse: nobody else may write there.",
  }),
  timeZone: {
    ...key(timeZone(), { default: "UTC", doc: "Time zone of the times in API answers." }),
    env: "TZ",
  },
  server: {
    host: key(text(/^[0-9A-Za-z.:%_-]{1,255}$/, "an address or a host name"), {
      default: "127.0.0.1",
      doc: "Address to listen on; 0.0.0.0 or :: for all.",
    }),
    port: key(integer({ min: 0, max: 65535 }), {
      default: 9000,
      doc: "TCP port to listen on; 0 takes a free one.",
    }),
    apiKey: secret(
      text(/^[\x21-\x7e]{1,256}$/, "at most 256 printable ASCII characters without spaces"),
      "Key that clients must send; 16 characters or more are advised. Made in the data folder at first start when not given.",
    ),
    maxBody: key(bytes({ min: 1024, max: 256 * MiB }), {
      default: 4 * MiB,
      doc: "Largest request body; a larger one is answered with 413.",
    }),
    maxUrl: key(bytes({ min: 1024, max: 64 * 1024 }), {
      default: 8 * 1024,
      doc: "Longest path and query of a request; a longer one is answered with 414.",
    }),
    maxHeaders: key(bytes({ min: 1024, max: 64 * 1024 }), {
      default: 16 * 1024,
      doc: "Largest headers of a request, all together; larger ones are answered with 431.",
    }),
    headerTimeout: key(integer({ min: 4, max: 60 }), {
      default: 20,
      doc: "Seconds that a new connection may take, TLS included, until its first request's headers are here; it is closed at most 8 s later.",
    }),
    bodyTimeout: key(seconds({ min: 1, max: 3600 }), {
      default: 30,
      doc: "How long a client may take to send a request's body.",
    }),
    idleTimeout: key(integer({ min: 70, max: 255 }), {
      default: 120,
      doc: "Seconds after which a silent connection is closed; longer than the longest `wait` (60 s).",
    }),
    maxStreams: key(integer({ min: 0, max: 100_000 }), {
      default: 256,
      doc: "Event streams (`GET /job/{id}/events`) that one API serves at once; further ones are answered with 429.",
    }),
    streamStall: key(seconds({ min: 1, max: 3600 }), {
      default: 30,
      doc: "How long a client of an event stream may take nothing of what is sent before it is cut off.",
    }),
    keyCache: key(seconds({ min: 0, max: 3600 }), {
      default: 5,
      doc: "How long an API remembers what it knows of a stored key: so long after `netpulse keys revoke` the key opens nothing any more, on any of them. 0: each request looks.",
    }),
    rateLimit: key(integer({ min: 0, max: 1_000_000_000 }), {
      default: 0,
      doc: "Requests a minute that one API takes of a key that has no limit of its own (`netpulse keys add --rate`); further ones are answered with 429. 0: any number.",
    }),
    trustProxy: optional(networks(), {
      defaultText: "none",
      doc: "Proxies whose `X-Forwarded-For` and `X-Forwarded-Host` say who the client is and how it names this server. Whoever connects from there is believed; from anywhere else these headers count for nothing.",
    }),
    corsOrigins: optional(origins(), {
      defaultText: "none",
      doc: "Sites whose pages may use the API from a browser, with a key that they send themselves; cookies are not taken from them.",
    }),
    tls: {
      cert: optional(text(PRINTABLE, "a file"), {
        defaultText: "none: plain HTTP",
        doc: "PEM file of the server's certificate, those of authorities in between behind it. With it the API speaks HTTPS only, TLS 1.2 or newer. Read at the start.",
      }),
      key: optional(text(PRINTABLE, "a file"), {
        doc: "PEM file of the private key of `cert`, without a passphrase.",
      }),
    },
  },
  storage: {
    url: key(
      text(
        /^(sqlite:|rediss?:\/\/|redis\+(sentinel|cluster):\/\/)[^\p{Cc}]{1,4096}$/u,
        "sqlite: and a file name, or a URL of redis://, rediss://, redis+sentinel:// or redis+cluster://",
      ),
      {
        default: "sqlite:{data_dir}/netpulse.db",
        doc: "Where jobs are kept: a SQLite file for one machine, or Redis 7.0 or newer for any number of them, as `rediss://user:password@host:6379/0`, `redis+sentinel://user:password@host:26379,host:26379/master-name?db=0&sentinel_password=…&tls=true` or `redis+cluster://user:password@host:6379,host:6379?tls=true`. Passwords are masked wherever it is shown.",
      },
    ),
    synchronous: key(oneOf(["full", "normal"]), {
      default: "full",
      doc: "SQLite: `full` loses nothing when the power fails; `normal` may lose the last moments.",
    }),
    redis: {
      prefix: key(text(/^[0-9A-Za-z_-]{1,64}$/, "letters, digits, dash and underscore, at most 64"), {
        default: "netpulse",
        doc: "What all keys begin with, in braces; tells several stores on one Redis apart.",
      }),
      shards: optional(integer({ min: 1, max: 64 }), {
        defaultText: "16 in a cluster, else 1",
        doc: "Parts that the queues are spread over; a cluster keeps each on one of its masters. Fixed once jobs are stored.",
      }),
      waitReplicas: optional(integer({ min: 0, max: 16 }), {
        defaultText: "1 with sentinels, else 0",
        doc: "Replicas that must have a job before it counts as accepted. 0: jobs accepted in the last moments are lost when a master fails before its replica has them. 1 or more: none of them is, as long as such a replica takes over; but nothing is accepted while too few replicas follow, and each job waits for them.",
      }),
      commandTimeout: key(seconds({ min: 0.1, max: 60 }), {
        default: 5,
        doc: "How long one call to Redis may take, and how long it may wait for a connection before.",
      }),
      tlsCa: optional(text(PRINTABLE, "a file"), {
        defaultText: "the well-known ones",
        doc: "PEM file of the authorities that the server's certificate is checked against, where the URL asks for TLS.",
      }),
      tlsCert: optional(text(PRINTABLE, "a file"), {
        doc: "PEM file of our own certificate, for a server that asks for one.",
      }),
      tlsKey: optional(text(PRINTABLE, "a file"), {
        doc: "PEM file of the private key of `tls_cert`.",
      }),
    },
  },
  storageFiles: {
    dir: key(text(PRINTABLE, "a folder"), {
      default: "{data_dir}/files",
      doc: "Folder of the files that are brought to devices and from them. Where the API and the nodes are on several machines it is one folder that all of them share, or nodes have `url`.",
    }),
    url: optional(
      text(/^https?:\/\/[^\p{Cc}\s?#@]{1,1024}$/u, "a URL of http:// or https:// without a password"),
      {
        defaultText: "files are in `dir` alone",
        doc: "Address of the API, as `http://api:9000`, for nodes on other machines that do not share `dir`: they fetch files from it and send files to it, for as long as the job runs that is about them.",
      },
    ),
    maxSize: key(bytes({ min: 1, max: 1024 * 1024 * MiB }), {
      default: 1024 * MiB,
      doc: "Largest file, sent to the API or brought from a device.",
    }),
    ttl: key(seconds({ min: 0, max: 10 * YEAR }), {
      default: 7 * 86_400,
      doc: "How long a file is kept after it was written last. 0: for ever.",
    }),
    uploadTimeout: key(seconds({ min: 1, max: 86_400 }), {
      default: 3600,
      doc: "How long a client may take to send a file.",
    }),
  },
  worker: {
    fifo: key(integer({ min: 0, max: 1000 }), {
      default: 8,
      doc: "FIFO workers per node, for each of its sites.",
    }),
    pinned: key(integer({ min: 0, max: 100_000 }), {
      default: 1000,
      doc: "Pinned workers a node takes at most: one for each device it holds a session with.",
    }),
    placement: key(oneOf(["least_load", "pack", "random"]), {
      default: "least_load",
      doc: "Which of several nodes takes a device that none has: the one that uses least of its `worker.pinned`, the one that uses most, or any. Set the same on all nodes.",
    }),
    sessionsPerHost: key(integer({ min: 1, max: 10_000 }), {
      default: 400,
      doc: "Workers that share one session-host process; 1 gives each device a process of its own.",
    }),
    lease: key(seconds({ min: 1, max: 600 }), {
      default: 10,
      doc: "How long a node may be silent before its jobs are taken from it.",
    }),
    leaseMargin: key(seconds({ min: 0.1, max: 300 }), {
      default: 1,
      doc: "How long before the end of its lease a session stops writing to its device.",
    }),
    idleTimeout: key(seconds({ min: 1, max: LONGEST_TIMER }), {
      default: 600,
      doc: "After how long without a job a pinned worker closes its session and goes.",
    }),
    deadRetention: key(seconds({ min: 0, max: YEAR }), {
      default: 3600,
      doc: "How long a worker that was lost or stopped is listed as dead.",
    }),
    drainGrace: key(seconds({ min: 0, max: 86_400 }), {
      default: 30,
      doc: "How long running jobs may go on after the node was told to stop, before they are interrupted; whoever would kill it must wait longer.",
    }),
    stopGrace: key(seconds({ min: 0, max: 300 }), {
      default: 3,
      doc: "How long a session that must stop may take to interrupt its device before it is killed.",
    }),
  },
  job: {
    ttl: key(seconds({ min: 1, max: YEAR }), {
      default: 300,
      doc: "How long a job may wait in its queue, when the request does not say.",
    }),
    executionTimeout: key(seconds({ min: 1, max: LONGEST_TIMER }), {
      default: 300,
      doc: "How long one run of a job may take, when the request does not say.",
    }),
    resultTtl: key(seconds({ min: 1, max: 10 * YEAR }), {
      default: 86_400,
      doc: "How long an ended job is kept, when the request does not say.",
    }),
    maxOutput: key(bytes({ min: 1024, max: 1024 * MiB }), {
      default: 16 * MiB,
      doc: "Output a job may print; one that prints more fails with OutputLimit.",
    }),
    inlineOutput: key(bytes({ min: 1024, max: 64 * MiB }), {
      default: 16 * MiB,
      doc: "Output of a job that its result shows; what is beyond is read by `GET /job/{id}/output`.",
    }),
    maxCommands: key(integer({ min: 1, max: 100_000 }), {
      default: 1000,
      doc: "Commands or config lines in one job.",
    }),
    taskTtl: key(seconds({ min: 60, max: 10 * YEAR }), {
      default: 30 * 86_400,
      doc: "How long a detached task is known after its start, with the sealed login of its host. The task itself is not touched when that is over.",
    }),
    testTimeout: key(seconds({ min: 1, max: 3600 }), {
      default: 30,
      doc: "How long `POST /device/test` waits for a device in all; behind a proxy keep it below the proxy's own limit.",
    }),
    maxBulk: key(integer({ min: 1, max: 100_000 }), {
      default: 10_000,
      doc: "Devices in one bulk request, which `server.max_body` bounds as well.",
    }),
    maxQueued: key(integer({ min: 1, max: 1_000_000_000 }), {
      default: 1_000_000,
      doc: "Jobs that may be queued in all; requests for more are answered with 429, and nothing of them is taken.",
    }),
    maxQueueDepth: key(integer({ min: 1, max: 1_000_000_000 }), {
      default: 100_000,
      doc: "Jobs that may be queued for one device, or in `FifoQ`; requests for more are answered with 429, and nothing of them is taken.",
    }),
  },
  session: {
    perDevice: key(integer({ min: 1, max: 64 }), {
      default: 2,
      doc: "Sessions that a node has open with one device at once; devices have few, and people need some.",
    }),
    probeInterval: key(seconds({ min: 0, max: 86_400 }), {
      default: 30,
      doc: "A kept session that was idle for so long is asked whether the device still answers, again and again; one that gets no answer is closed. 0: never.",
    }),
    connectRate: key(integer({ min: 1, max: 10_000 }), {
      default: 200,
      doc: "Connections a second that a node opens at most, to all devices together; others wait their turn within their job's time.",
    }),
    connectBurst: key(integer({ min: 1, max: 10_000 }), {
      default: 400,
      doc: "Connections that a node may open at once after a quiet time.",
    }),
  },
  breaker: {
    failures: key(integer({ min: 0, max: 1000 }), {
      default: 5,
      doc: "Failed connections in a row after which a device is left alone for a while: its jobs that need a connection fail with CircuitOpen. 0: never.",
    }),
    openFor: key(seconds({ min: 1, max: 86_400 }), {
      default: 30,
      doc: "How long it is left alone the first time; doubles each time the one attempt after it fails as well.",
    }),
    maxOpenFor: key(seconds({ min: 1, max: 86_400 }), {
      default: 300,
      doc: "Where the doubling ends.",
    }),
    loginFailures: key(integer({ min: 0, max: 1000 }), {
      default: 3,
      doc: "Refused logins in a row with the same credentials on the same device after which these are not sent to it for as long as a breaker is open, lest the account be locked. 0: they always are sent.",
    }),
  },
  audit: {
    retention: key(seconds({ min: 60, max: 10 * YEAR }), {
      default: YEAR,
      doc: "How long entries of the audit log are kept.",
    }),
  },
  mcp: {
    configApproval: key(oneOf(["any", "user", "off"]), {
      default: "any",
      doc: "What applies a configuration through `/mcp`: `any`, the user's consent, or where a client cannot ask its user a second call with a token; `user`, the user's consent alone; `off`, nothing. Other ways to apply one are not concerned.",
    }),
    maxSessions: key(integer({ min: 1, max: 100_000 }), {
      default: 256,
      doc: "Sessions of `/mcp` that one API holds at once; further ones are answered with 429.",
    }),
    sessionsPerKey: key(integer({ min: 1, max: 100_000 }), {
      default: 16,
      doc: "Those of one key; the one that is idle longest gives way to a new one.",
    }),
    sessionIdle: key(seconds({ min: 1, max: LONGEST_TIMER }), {
      default: 3600,
      doc: "After how long without a call a session of `/mcp` ends.",
    }),
    sessionAge: key(seconds({ min: 1, max: LONGEST_TIMER }), {
      default: 86_400,
      doc: "After how long it ends in any case.",
    }),
  },
  templates: {
    dir: {
      ...optional(folder(), {
        defaultText: "`NET_TEXTFSM`, as netmiko has it, else none",
        doc: "Folder of TextFSM templates with their `index`, or a clone of ntc-templates; of TTP and Jinja2 templates and regexes as well. Templates by file, or by platform and command, are read from there and from nowhere else.",
      }),
      env: "NETPULSE_TEMPLATES_DIR",
      foreignEnv: "NET_TEXTFSM",
    },
    timeout: key(seconds({ min: 0.1, max: 300 }), {
      default: 5,
      doc: "How long a template may take to be rendered, or a text to be parsed, before its process is ended.",
    }),
    maxMemory: key(bytes({ min: 128 * MiB, max: 64 * 1024 * MiB }), {
      default: 512 * MiB,
      doc: "Memory of a process in which templates are rendered and texts parsed; one that has more is ended.",
    }),
    maxOutput: key(bytes({ min: 1024, max: 64 * MiB }), {
      default: 4 * MiB,
      doc: "Characters that a template may make, or that parsed records may take as JSON.",
    }),
    processes: key(integer({ min: 1, max: 64 }), {
      default: 2,
      doc: "Processes at once in which templates are rendered and texts parsed: so many for the API's requests, and so many for a node's jobs. They are started when there is work.",
    }),
    queue: key(integer({ min: 0, max: 10_000 }), {
      default: 32,
      doc: "Requests of one API key that may wait for such a process; further ones are answered with 429.",
    }),
  },
  credentials: {
    chain: key(places(), {
      default: "vault_kv,store,file,env",
      doc: "Where a node looks for a credential whose reference names no place, one after another; places that are not set up are passed over.",
    }),
    dir: optional(folder(), {
      defaultText: "none: there are no credentials in files",
      doc: "Folder of the credentials in files, as container platforms mount secrets: for each a folder with a file for each field, or a `.json` file.",
    }),
    vault: {
      addr: optional(
        text(/^https?:\/\/[^\p{Cc}\s?#@]{1,1024}$/u, "a URL of http:// or https:// without a password"),
        {
          defaultText: "none: there are no credentials in Vault",
          doc: "Address of HashiCorp Vault, as `https://vault.example.net:8200`.",
        },
      ),
      token: secret(
        text(/^[\x21-\x7e]{1,4096}$/, "printable ASCII characters without spaces"),
        "Token that reads; or give `role_id` and `secret_id`. It is renewed where Vault allows it.",
      ),
      roleId: optional(text(PRINTABLE, "a role id"), { doc: "AppRole: role that logs in." }),
      secretId: secret(text(PRINTABLE, "a secret id"), "AppRole: what proves that it is the role."),
      approleMount: key(text(VAULT_PATH, "a path"), {
        default: "approle",
        doc: "Where the AppRole method is mounted, below `auth/`.",
      }),
      namespace: optional(text(VAULT_PATH, "a path"), {
        doc: "Namespace that it logs in to and reads from (Vault Enterprise, HCP).",
      }),
      mount: key(text(VAULT_PATH, "a path"), {
        default: "secret",
        doc: "Where the KV engine, version 2, is mounted, unless a reference says.",
      }),
      allowedPaths: optional(vaultPaths(), {
        defaultText: "whatever the token may read",
        doc: "The only paths that jobs may refer to, as `secret/network/*`: mount and path, `*` for any characters.",
      }),
      cacheTtl: key(seconds({ min: 0, max: 86_400 }), {
        default: 30,
        doc: "How long a node remembers, in memory, what it has read. A login that a device refuses is read anew at once. 0: each job reads.",
      }),
      timeout: key(seconds({ min: 0.1, max: 60 }), {
        default: 5,
        doc: "How long Vault may take for an answer.",
      }),
      tlsCa: optional(text(PRINTABLE, "a file"), {
        defaultText: "the well-known ones",
        doc: "PEM file of the authorities that Vault's certificate is checked against.",
      }),
    },
  },
  ssh: {
    hostKeyPolicy: key(oneOf(["accept-new", "strict", "off"]), {
      default: "accept-new",
      doc: "`accept-new` records a device's first key and holds it to that, `strict` takes known keys only, `off` takes any.",
    }),
    agentSocket: optional(text(PRINTABLE, "the path of a socket"), {
      defaultText: "none: requests that ask for an agent fail",
      doc: "Socket of the SSH agent whose keys jobs with `allow_agent` may log in with. Any job may: give the agent no key that not every caller may use.",
    }),
    proxies: key(proxies(), {
      default: "*",
      doc: "Proxies that `connection_args.proxy` may name.",
    }),
    hopIdle: key(seconds({ min: 0, max: LONGEST_TIMER }), {
      default: 60,
      doc: "How long a connection to a jump host stays open when no session goes over it.",
    }),
    maxHops: key(integer({ min: 1, max: 10_000 }), {
      default: 64,
      doc: "Connections to jump hosts at most, for each session-host process; one that is idle gives way.",
    }),
  },
  tls: {
    dir: optional(folder(), {
      defaultText: "none: requests that name a file fail",
      doc: "Folder of the certificates and keys that jobs may name: `ca_file`, `cert_file`, `key_file` of `connection_args`. Any job may use any of them.",
    }),
  },
  webhook: {
    hosts: key(hostPatterns(), {
      default: "*",
      doc: "Hosts that webhooks may go to, by name.",
    }),
    networks: optional(networks(), {
      defaultText: "none: public addresses only",
      doc: "Networks that webhooks may go to although their addresses are not public, as `10.1.0.0/16` or `127.0.0.1`. Whatever a host's name says, it is its address that counts when it is connected to.",
    }),
    secret: secret(
      text(/^[\x21-\x7e]{16,256}$/, "16 to 256 printable ASCII characters without spaces"),
      "Signs webhooks, for which their receivers need it, the same for all APIs of a store. When not given it follows from a key that is kept in the store, sealed; `netpulse webhook-secret` prints it.",
    ),
    maxRetries: key(integer({ min: 0, max: 20 }), {
      default: 5,
      doc: "Attempts after the first that fails, when the request does not say. Then the delivery is a dead letter.",
    }),
    retryIntervals: key(intervals(), {
      default: "10,60,300,1800,7200",
      doc: "Pauses between attempts, when the request does not say; the last one counts for all further ones.",
    }),
    concurrency: key(integer({ min: 1, max: 1000 }), {
      default: 32,
      doc: "Attempts that an API has under way at once.",
    }),
    perTarget: key(integer({ min: 1, max: 1000 }), {
      default: 4,
      doc: "The same to one receiver: one that hangs holds up nobody else.",
    }),
    deadRetention: key(seconds({ min: 0, max: YEAR }), {
      default: 7 * 86_400,
      doc: "How long the job of a dead letter is kept at least, to be sent again.",
    }),
    tlsCa: optional(text(PRINTABLE, "a file"), {
      defaultText: "the well-known ones",
      doc: "PEM file of the authorities that receivers' certificates are checked against.",
    }),
  },
  node: {
    name: {
      ...text(/^[0-9A-Za-z][0-9A-Za-z._-]{0,252}$/, "letters, digits, dot, dash and underscore, at most 253"),
      default: (machine: Machine) => machine.hostname,
      defaultText: "the machine's host name",
      secret: false,
      doc: "Name of this node; no two nodes of one store may share it.",
    },
    sites: key(sites(), {
      default: "default",
      doc: "Sites whose devices this node reaches; it takes jobs of no others. `default` stands for devices without a site, which a node that names its sites serves only if it names that, too.",
    }),
  },
  log: {
    level: key(oneOf(["debug", "info", "warn", "error"]), {
      default: "info",
      doc: "The least severe messages that are written.",
    }),
    format: {
      ...oneOf(["json", "pretty"]),
      default: (machine: Machine): "json" | "pretty" => (machine.tty ? "pretty" : "json"),
      defaultText: "pretty on a terminal, else json",
      secret: false,
      doc: "One JSON object a line, or lines for people.",
    },
  },
  health: {
    maxErrorRate: key(share(), {
      default: 0.05,
      doc: "Share of requests of the last minute that may end in a server error before the API counts as degraded.",
    }),
    timeout: key(seconds({ min: 0.1, max: 60 }), {
      default: 2,
      doc: "How long a health check may take before what it checks counts as down.",
    }),
  },
};

type Schema = typeof SCHEMA;
type Value<K> = K extends { parse(text: string): infer T; default: infer D }
  ? Exclude<T, undefined> | (null extends D ? null : never)
  : never;
type Section<S> = { readonly [K in keyof S]: S[K] extends { doc: string } ? Value<S[K]> : Section<S[K]> };

/** What is in force. Immutable; durations in seconds, sizes in bytes. */
export type Config = Section<Schema>;

/** A key with its names. */
export interface KeyEntry {
  /** `server.api_key`. */
  name: string;
  /** `NETPULSE_SERVER__API_KEY`. */
  env: string;
  /** Where its value is in `Config`: the sections it is in, then its own name. */
  path: readonly string[];
  key: Key<string | number, string | number | null>;
}

/** Every key in the order of the schema. */
export function keyEntries(): KeyEntry[] {
  return entriesIn(SCHEMA, []);
}

function entriesIn(section: object, path: readonly string[]): KeyEntry[] {
  return Object.entries(section).flatMap(([name, value]: [string, object]) =>
    isKey(value) ? [entry([...path, name], value)] : entriesIn(value, [...path, name]),
  );
}

type AnyKey = KeyEntry["key"];

function isKey(value: object): value is AnyKey {
  return "doc" in value;
}

function entry(path: KeyEntry["path"], key: AnyKey): KeyEntry {
  const snake = path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const env = key.env ?? `NETPULSE_${snake.join("__").toUpperCase()}`;
  return { name: snake.join("."), env, path, key };
}
