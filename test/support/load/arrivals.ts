import { connectHttp, type HttpConnection } from "./http.ts";
import { type Server, type Times, timesOf } from "./measure.ts";

/** What became of all that was sent. */
export interface ArrivalsReport {
  accepted: number;
  refused: number;
  answers: Times;
  /** How late the latest request was sent, ms: they wait here while all connections are taken. */
  latest: number;
}

const CONNECTIONS = 32;
const TICK_MS = 5;

/**
 * Jobs that arrive at a fixed rate, whatever the server does. Every tenth is for one of the devices, to be run there;
 * the others are for a queue that nobody serves.
 */
export class Arrivals {
  readonly #rate: number;
  readonly #devices: readonly { host: string; port: number }[];
  readonly #free: HttpConnection[] = [];
  readonly #took: number[] = [];
  readonly #counts = { accepted: 0, refused: 0, latest: 0 };
  #began = 0;
  #sent = 0;

  constructor({ rate, devices }: { rate: number; devices: { host: string; port: number }[] }) {
    this.#rate = rate;
    this.#devices = devices;
  }

  get report(): ArrivalsReport {
    return { ...this.#counts, answers: timesOf(this.#took) };
  }

  /** Sends until its process ends. */
  async start(server: Server): Promise<void> {
    for (let n = 0; n < CONNECTIONS; n++) this.#free.push(await connectHttp(server));
    this.#began = performance.now();
    setInterval(() => this.#sendDue(), TICK_MS);
  }

  #sendDue(): void {
    const due = Math.floor(((performance.now() - this.#began) * this.#rate) / 1_000);
    while (this.#sent < due) {
      const connection = this.#free.pop();
      if (!connection) return;
      void this.#send(connection, this.#sent++);
    }
  }

  async #send(connection: HttpConnection, n: number): Promise<void> {
    const at = performance.now();
    const late = Math.round(at - this.#began - (n * 1_000) / this.#rate);
    this.#counts.latest = Math.max(this.#counts.latest, late);
    const { status } = await connection.request("POST", "/device/exec", this.#body(n));
    this.#took.push(performance.now() - at);
    this.#counts[status === 201 ? "accepted" : "refused"] += 1;
    this.#free.push(connection);
  }

  #body(n: number): string {
    const device = n % 10 === 0 ? this.#devices[(n / 10) % this.#devices.length] : undefined;
    const address = device ?? { host: `10.97.0.${n % 250}`, port: 22 };
    return JSON.stringify({
      driver: "netmiko",
      connection_args: { device_type: "cisco_ios", ...address, username: "admin", password: "admin" },
      command: "show clock",
      queue_strategy: device ? "pinned" : "fifo",
    });
  }
}
