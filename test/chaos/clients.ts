import type { Asked } from "../support/faults/deliveries.ts";
import type { Random } from "../support/faults/random.ts";
import { random } from "../support/faults/random.ts";
import { deviceAddress } from "../support/network.ts";
import type { ApiClient } from "./api-client.ts";
import { cancelled, jobs, workers } from "./api-client.ts";
import type { Login } from "./devices.ts";
import type { History } from "./history.ts";

const MOST_TRIES = 4;
const AGAIN_MS = 300;
const WAIT_S = 15;
/** When clients stop to wait for what should have ended long ago. */
const FOLLOWED_MS = 60_000;
/** Longer than a device stalls in any job; shorter than what recovery is given. */
const EXECUTION_TIMEOUT_S = 10;

export interface ClientsOptions {
  history: History;
  apis: readonly ApiClient[];
  login: Login;
  devices: number;
  count: number;
  seed: number;
  /** Share of the jobs that have many commands, and of the commands that may be tried again. */
  long: number;
  retried: number;
}

/** Several people with scripts, who submit, cancel, abort and stop workers, each at its own pace. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #dice: Random[];
  #going = false;
  #busy: Promise<void>[] = [];
  readonly #followers = new Set<Promise<void>>();

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#dice = Array.from({ length: options.count }, (_, n) => random(options.seed * 1_000 + n));
  }

  begin(): void {
    this.#going = true;
    this.#busy = this.#dice.map((dice, client) => this.#work(client, dice));
  }

  /** Resolves when each has had the answer to its last question; their jobs may still run. */
  async pause(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#busy);
  }

  /** Resolves when every job that was accepted has been seen to end, or no longer can be expected to. */
  async followed(): Promise<void> {
    await Promise.race([Promise.all(this.#followers), Bun.sleep(FOLLOWED_MS)]);
  }

  /** Lets the workers of all devices work again. */
  async resume(): Promise<void> {
    const dice = random(this.#options.seed);
    const hosts = Array.from({ length: this.#options.devices }, (_, n) => deviceAddress(n));
    await Promise.all(hosts.map((host) => this.#until(dice, "POST", `/worker/resume?host=${host}`)));
  }

  /** As often as it takes for somebody to say that it is done, or that there is nobody to do it with. */
  async #until(dice: Random, method: string, path: string): Promise<void> {
    const until = performance.now() + FOLLOWED_MS;
    while (performance.now() < until) {
      const answer = await this.#api(dice).call(method, path);
      if (answer !== null && answer.status < 500) return;
      await Bun.sleep(AGAIN_MS);
    }
  }

  async #work(client: number, dice: Random): Promise<void> {
    while (this.#going) {
      await this.#act(client, dice);
      await Bun.sleep(dice.whole(20, 250));
    }
  }

  #act(client: number, dice: Random): Promise<void> {
    const lot = dice.share();
    if (lot < 0.8) return this.#submit(client, dice);
    if (lot < 0.88) return this.#cancel(dice, false);
    if (lot < 0.92) return this.#cancel(dice, true);
    if (lot < 0.94) return this.#cancelDevice(dice);
    if (lot < 0.98) return this.#stopWorkers(dice);
    return this.#suspend(dice);
  }

  async #submit(client: number, dice: Random): Promise<void> {
    const { history } = this.#options;
    const { request, body, keyed } = this.#request(client, dice);
    history.ask(request);
    const headers: Record<string, string> = keyed ? { "Idempotency-Key": request.name } : {};
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const answer = await this.#api(dice).call("POST", "/device/exec", { json: body, headers });
      if (answer?.status === 201) {
        this.#accepted(request, (answer.data as { id: string }).id, dice);
        if (!keyed || dice.chance(0.8)) return;
      } else if (answer !== null && answer.status < 500) {
        history.wrong(`${request.name} was answered with ${answer.status} ${JSON.stringify(answer.data)}`);
        return;
      }
      // Without a key, whoever has no answer cannot ask again.
      if (!keyed) return;
      await Bun.sleep(AGAIN_MS);
    }
  }

  #request(client: number, dice: Random): { request: Asked; body: unknown; keyed: boolean } {
    const { history, login, devices, long, retried } = this.#options;
    const name = `c${client}n${history.asked.length}`;
    const config = dice.chance(0.15);
    const retries = !config && dice.chance(retried) ? dice.whole(1, 3) : 0;
    const length = dice.chance(long) ? dice.whole(18, 24) : dice.whole(1, 5);
    const commands = Array.from({ length }, (_, n) =>
      config ? `snmp-server location ${name}s${n}x` : `show version | exclude ${name}s${n}x`,
    );
    const body = {
      driver: "netmiko",
      connection_args: {
        host: deviceAddress(dice.whole(0, devices)),
        username: login.username,
        password: login.password,
        secret: login.enable,
        device_type: "cisco_ios",
        timeout: 3,
      },
      [config ? "config" : "command"]: commands,
      queue_strategy: dice.chance(0.8) ? "pinned" : "fifo",
      execution_timeout: EXECUTION_TIMEOUT_S,
      priority: dice.whole(-1, 2),
      retries,
      ...(dice.chance(0.1) ? { ttl: dice.whole(1, 4) } : {}),
    };
    const request: Asked = {
      name,
      commands,
      retries,
      answer: "unknown",
      ids: [],
      cancelled: [],
    };
    return { request, body, keyed: dice.chance(0.7) };
  }

  #accepted(request: Asked, id: string, dice: Random): void {
    if (request.answer !== "accepted") {
      const follower = this.#follow(id, random(dice.whole(0, 2 ** 31))).finally(() =>
        this.#followers.delete(follower),
      );
      this.#followers.add(follower);
    }
    request.answer = "accepted";
    request.ids.push(id);
  }

  /** Asks for the job, whoever answers, until its end is seen. */
  async #follow(id: string, dice: Random): Promise<void> {
    for (;;) {
      const answer = await this.#api(dice).call("GET", `/job?id=${id}&wait=${WAIT_S}`, {
        waitMs: WAIT_S * 1000,
      });
      if (answer?.status === 404) {
        this.#options.history.wrong(`${id} was accepted and is not found`);
        return;
      }
      const [job] = answer?.status === 200 ? jobs(answer, "GET /job") : [];
      if (job === undefined) {
        await Bun.sleep(AGAIN_MS);
        continue;
      }
      this.#options.history.saw(job);
      if (job.ended_at !== null) return;
    }
  }

  async #cancel(dice: Random, abort: boolean): Promise<void> {
    const { history } = this.#options;
    const recent = history.asked.slice(-20).filter(({ ids }) => ids.length > 0);
    if (recent.length === 0) return;
    const id = dice.pick(recent).ids[0] ?? "";
    const answer = await this.#api(dice).call("DELETE", `/job?id=${id}${abort ? "&force=true" : ""}`);
    // An abort's answer does not tell a job that waited from one that ran.
    if (answer?.status === 200 && !abort) for (const each of cancelled(answer)) history.cancelled(each);
  }

  async #cancelDevice(dice: Random): Promise<void> {
    const host = deviceAddress(dice.whole(0, this.#options.devices));
    const answer = await this.#api(dice).call("DELETE", `/job?host=${host}`);
    if (answer?.status === 200) for (const id of cancelled(answer)) this.#options.history.cancelled(id);
  }

  async #stopWorkers(dice: Random): Promise<void> {
    const api = this.#api(dice);
    if (dice.chance(0.5)) {
      await api.call("DELETE", `/worker?host=${deviceAddress(dice.whole(0, this.#options.devices))}`);
      return;
    }
    const answer = await api.call("GET", "/worker?status=busy");
    const busy = answer?.status === 200 ? workers(answer) : [];
    if (busy.length > 0) await api.call("DELETE", `/worker?name=${encodeURIComponent(dice.pick(busy).name)}`);
  }

  async #suspend(dice: Random): Promise<void> {
    const api = this.#api(dice);
    const filter = `host=${deviceAddress(dice.whole(0, this.#options.devices))}`;
    await api.call("POST", `/worker/suspend?${filter}`);
    await Bun.sleep(dice.whole(100, 1_000));
    await api.call("POST", `/worker/resume?${filter}`);
  }

  #api(dice: Random): ApiClient {
    return dice.pick(this.#options.apis);
  }
}
