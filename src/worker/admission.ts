import type { Clock } from "../core/clock.ts";
import { type DeviceAddress, deviceName } from "../core/device.ts";
import type { ErrorType } from "../core/errors.ts";
import type { JobError } from "../core/job.ts";
import { DeviceError } from "../device/driver.ts";
import { type Attempt, type BreakerCounts, Breakers, type BreakerTerms, type Open } from "./breakers.ts";
import { ConnectRate, type RateTerms } from "./connect-rate.ts";
import { type CloseIdle, DevicePlaces, type Release } from "./device-places.ts";

export interface AdmissionTerms {
  /** Sessions with one device at most. */
  perDevice: number;
  connects: RateTerms;
  /** For a device that cannot be reached. */
  devices: BreakerTerms;
  /** For one user's credentials that a device refuses. */
  logins: BreakerTerms;
}

/** Who wants to connect to what. */
export interface Visitor {
  device: DeviceAddress;
  /** Tells two logins apart without being one; see `credentialOf`. */
  credential: string;
}

/** A connection that may be made, and the place that its session takes. */
export interface Entry {
  /** The session is open: connected and logged in. */
  opened(): void;
  /** The attempt failed; the place is free. */
  failed(error: JobError): void;
  /** See `DevicePlaces.offer`. */
  offer(close: CloseIdle): () => void;
  /** The session is over, or the attempt was given up; the place is free. Idempotent. */
  leave(): void;
}

/** Since the start, but for what is said to be of this moment. */
export interface AdmissionCounters {
  connects: { begun: number; opened: number; failed: number; loginsRefused: number };
  /** Jobs turned away without a connection. */
  turnedAway: { byDevice: number; byLogin: number };
  /** Of this moment. */
  breakers: { devices: BreakerCounts; logins: BreakerCounts };
  /** Of this moment: connections that wait for their turn (`session.connect_rate`). */
  waiting: number;
}

/** Failures of a device that cannot be reached, where time may mend them. With others it has answered. */
const UNREACHED: ReadonlySet<ErrorType> = new Set(["ConnectionError", "TimeoutError"]);
/** Failures that say nothing of the device. */
const OURS: ReadonlySet<ErrorType> = new Set([
  "InternalError",
  "JobAborted",
  "WorkerStopped",
  "WorkerLost",
  "CredentialError",
]);
/** Of a failure's words, in the errors of those turned away. */
const MOST_WORDS = 300;

/**
 * Who may connect to a device, for a whole node, whichever session hosts its workers are in: so many sessions for
 * each device, so many connections a second, none to a device that does not answer, and none with credentials that
 * were refused again and again.
 */
export class Admission {
  readonly #clock: Clock;
  readonly #places: DevicePlaces;
  readonly #rate: ConnectRate;
  readonly #devices: Breakers;
  readonly #logins: Breakers;
  readonly #connects = { begun: 0, opened: 0, failed: 0, loginsRefused: 0 };
  readonly #turnedAway = { byDevice: 0, byLogin: 0 };

  constructor(clock: Clock, terms: AdmissionTerms) {
    this.#clock = clock;
    this.#places = new DevicePlaces(() => terms.perDevice);
    this.#rate = new ConnectRate(clock, terms.connects);
    this.#devices = new Breakers(clock, terms.devices);
    this.#logins = new Breakers(clock, terms.logins);
  }

  /** Resolves when the connection may be made. Rejects with a `DeviceError`, or the signal's reason. */
  async enter(visitor: Visitor, signal: AbortSignal): Promise<Entry> {
    this.#assertAllowed(visitor);
    const release = await this.#places.take(deviceKey(visitor), signal);
    try {
      await this.#rate.take(signal);
      this.#assertAllowed(visitor);
    } catch (error) {
      release();
      throw error;
    }
    return this.#entry(visitor, release);
  }

  counters(): AdmissionCounters {
    return {
      connects: { ...this.#connects },
      turnedAway: { ...this.#turnedAway },
      breakers: { devices: this.#devices.counts(), logins: this.#logins.counts() },
      waiting: this.#rate.waiting,
    };
  }

  #assertAllowed(visitor: Visitor): void {
    const device = this.#devices.open(deviceKey(visitor));
    if (device !== null) {
      this.#turnedAway.byDevice += 1;
      throw this.#deviceOpen(visitor.device, device);
    }
    const login = this.#logins.open(loginKey(visitor));
    if (login !== null) {
      this.#turnedAway.byLogin += 1;
      throw this.#loginOpen(visitor.device, login);
    }
  }

  #entry(visitor: Visitor, release: Release): Entry {
    this.#connects.begun += 1;
    const device = this.#devices.begin(deviceKey(visitor));
    const login = this.#logins.begin(loginKey(visitor));
    const leave = () => {
      device.abandoned();
      login.abandoned();
      release();
    };
    return {
      opened: () => {
        this.#connects.opened += 1;
        device.succeeded();
        login.succeeded();
      },
      failed: (error) => {
        this.#connects.failed += 1;
        this.#judge(error, device, login);
        leave();
      },
      offer: (close) => this.#places.offer(deviceKey(visitor), close),
      leave,
    };
  }

  #judge({ type, message, retryable }: JobError, device: Attempt, login: Attempt): void {
    const words = message.slice(0, MOST_WORDS);
    if (OURS.has(type)) return;
    if (UNREACHED.has(type) && retryable) return device.failed(words);
    device.succeeded();
    if (type !== "AuthenticationError") return;
    this.#connects.loginsRefused += 1;
    login.failed(words);
  }

  #deviceOpen(device: DeviceAddress, open: Open): DeviceError {
    const message =
      `${deviceName(device)} failed ${open.failures} times in a row and is left alone; ${this.#again(open)}. ` +
      `The last failure: ${open.reason}`;
    return new DeviceError("CircuitOpen", message, { retryable: true });
  }

  /** Of the type that the device's own answer would have. */
  #loginOpen(device: DeviceAddress, open: Open): DeviceError {
    const message =
      `${deviceName(device)} refused these credentials ${open.failures} times in a row; so that the account is not ` +
      `locked they are not sent; ${this.#again(open)}. The last refusal: ${open.reason}`;
    return new DeviceError("AuthenticationError", message, { retryable: false });
  }

  #again({ againAt }: Open): string {
    if (againAt === null) return "it is being tried just now";
    const seconds = Math.ceil((againAt - this.#clock.now()) / 1000);
    return `the next attempt is let through at ${new Date(againAt).toISOString()}, in ${seconds} s`;
  }
}

function deviceKey({ device: { site, host, port } }: Visitor): string {
  return JSON.stringify([site, host, port]);
}

function loginKey(visitor: Visitor): string {
  return `${deviceKey(visitor)} ${visitor.credential}`;
}
