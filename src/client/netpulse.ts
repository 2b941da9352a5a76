import type { Scope } from "../core/access.ts";
import { type Clock, wakefulClock } from "../core/clock.ts";
import { type RandomBytes, systemRandom } from "../core/ids.ts";
import { Audit } from "./audit.ts";
import { Batches } from "./batches.ts";
import { Deliveries } from "./deliveries.ts";
import { Devices } from "./devices.ts";
import { Files } from "./files.ts";
import { HostKeys } from "./host-keys.ts";
import { type Fetch, Http } from "./http.ts";
import { Jobs } from "./jobs.ts";
import { Keys } from "./keys.ts";
import { System } from "./system.ts";
import { Tasks } from "./tasks.ts";
import { Templates } from "./templates.ts";
import { Workers } from "./workers.ts";

/** Which API, and how it is called. */
export interface ClientOptions {
  /** Where the API is: `http://localhost:9000`, with a path where it is behind one. */
  url: string;
  /** Left out in a page that the API's cookie lets in. */
  apiKey?: string | undefined;
  /** The only scopes of its key that requests are made with; all of them if not given. */
  scopes?: readonly Scope[];
  /** How long one try of a call may take, ms. Default 30,000. */
  timeoutMs?: number;
  /** For how long a call is tried again while the API is away or busy, ms. Default 15,000; 0: never. */
  retryForMs?: number;
  fetch?: Fetch;
  clock?: Clock;
  random?: RandomBytes;
}

/** The API of one NetPulse, with a method for each call. */
export class Netpulse {
  readonly url: string;
  readonly devices: Devices;
  readonly jobs: Jobs;
  readonly batches: Batches;
  readonly workers: Workers;
  readonly files: Files;
  readonly tasks: Tasks;
  readonly deliveries: Deliveries;
  readonly hostKeys: HostKeys;
  readonly templates: Templates;
  readonly audit: Audit;
  readonly keys: Keys;
  readonly system: System;

  constructor(options: ClientOptions) {
    const { apiKey, scopes, timeoutMs = 30_000, retryForMs = 15_000 } = options;
    const { fetch = globalThis.fetch, clock = wakefulClock, random = systemRandom } = options;
    this.url = baseUrl(options.url);
    const http = new Http({
      url: this.url,
      apiKey: checkedKey(apiKey),
      scopes: scopes?.join(",") ?? null,
      // A browser's own fetch refuses to be called as a method of something else.
      fetch: (url, init) => fetch(url, init),
      clock,
      random,
      timeoutMs,
      retryForMs,
    });
    this.devices = new Devices(http);
    this.jobs = new Jobs(http);
    this.batches = new Batches(http);
    this.workers = new Workers(http);
    this.files = new Files(http);
    this.tasks = new Tasks(http);
    this.deliveries = new Deliveries(http);
    this.hostKeys = new HostKeys(http);
    this.templates = new Templates(http);
    this.audit = new Audit(http);
    this.keys = new Keys(http);
    this.system = new System(http);
  }
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError("the URL of NetPulse must begin with http:// or https://");
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(
      "the URL of NetPulse must not hold a user or password; the key is an option of its own",
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Checked here, as the refusal of a header would quote it. */
function checkedKey(key: string | undefined): string | null {
  if (key === undefined) return null;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new TypeError("an API key has printable ASCII characters without spaces, and at least one");
}
