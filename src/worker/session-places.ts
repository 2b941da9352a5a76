import type { JobError } from "../core/job.ts";
import { DeviceError } from "../device/driver.ts";
import type { ConnectQuestion, FromHost, ToHost } from "../ipc/messages.ts";
import type { CloseIdle } from "./device-places.ts";

/** A session's place among those with its device, from before it is opened until it is over. */
export interface SessionPlace {
  /** Connected and logged in. */
  opened(): void;
  /** The attempt failed; the place is given back. */
  failed(error: JobError): void;
  /** The session is idle from now on: `close` gives its place to somebody who needs it. Returns the way back. */
  offer(close: CloseIdle): () => void;
  /** Gives the place back. Idempotent. */
  leave(): void;
}

/** Where a session gets its place from. */
export interface Places {
  /** Resolves when the connection may be made. Rejects with a `DeviceError`, or the signal's reason. */
  enter(question: ConnectQuestion, signal: AbortSignal): Promise<SessionPlace>;
}

interface Asking {
  admit(): void;
  refuse(reason: unknown): void;
}

/** The places that the node gives this host's sessions. */
export class SessionPlaces implements Places {
  readonly #send: (message: FromHost) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #asking = new Map<number, Asking>();
  /** Idle sessions that may be closed. */
  readonly #offered = new Map<number, CloseIdle>();
  #asked = 0;

  constructor(send: (message: FromHost) => void, onFault: (error: unknown) => void) {
    this.#send = send;
    this.#onFault = onFault;
  }

  enter(question: ConnectQuestion, signal: AbortSignal): Promise<SessionPlace> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const place = ++this.#asked;
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#asking.delete(place);
        signal.removeEventListener("abort", giveUp);
      };
      const giveUp = () => {
        end();
        this.#tell(place, "left");
        reject(signal.reason);
      };
      this.#asking.set(place, {
        admit: () => {
          end();
          resolve(this.#entered(place));
        },
        refuse: (reason) => {
          end();
          reject(reason);
        },
      });
      signal.addEventListener("abort", giveUp);
      this.#send({ type: "connect", place, ...question });
    });
  }

  /** Those who gave up meanwhile have said so: the node has their places back. */
  onAdmission({ place, refusal }: ToHost & { type: "admission" }): void {
    const asking = this.#asking.get(place);
    if (refusal === null) return asking?.admit();
    const { type, message, retryable } = refusal;
    asking?.refuse(new DeviceError(type, message, { retryable }));
  }

  /** A session that is in use again has said so: the node looks elsewhere. */
  onVacate(place: number): void {
    const close = this.#offered.get(place);
    if (!close) return;
    this.#offered.delete(place);
    close().catch(this.#onFault);
  }

  #entered(place: number): SessionPlace {
    let held = true;
    const free = (tell: () => void) => {
      if (!held) return;
      held = false;
      this.#offered.delete(place);
      tell();
    };
    return {
      opened: () => this.#tell(place, "open"),
      failed: (error) => free(() => this.#send({ type: "connect-failed", place, error })),
      offer: (close) => {
        this.#offered.set(place, close);
        this.#tell(place, "idle");
        return () => {
          if (this.#offered.delete(place)) this.#tell(place, "busy");
        };
      },
      leave: () => free(() => this.#tell(place, "left")),
    };
  }

  #tell(place: number, is: (FromHost & { type: "place" })["is"]): void {
    this.#send({ type: "place", place, is });
  }
}
