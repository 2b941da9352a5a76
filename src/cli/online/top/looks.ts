import {
  type NetpulseError,
  NetworkError,
  ServerError,
  TooManyRequests,
  Unavailable,
} from "../../../client/index.ts";
import type { Work } from "../online.ts";
import { type Rate, Rates } from "./rates.ts";
import { type Sample, takeSample } from "./sample.ts";

export interface Look {
  sample: Sample;
  rate: Rate | null;
}

export interface Run {
  intervalMs: number;
  count: number;
}

/** Looks at the service; what passes by itself is told after the first time, and not thrown. */
export class Looks {
  readonly #work: Pick<Work, "client" | "clock">;
  readonly #rates = new Rates();
  #seen = false;

  constructor(work: Pick<Work, "client" | "clock">) {
    this.#work = work;
  }

  async take(signal: AbortSignal): Promise<Look | NetpulseError> {
    const { client, clock } = this.#work;
    try {
      const sample = await takeSample(client, signal);
      this.#seen = true;
      return { sample, rate: this.#rates.add(clock.monotonic(), sample.ended) };
    } catch (error) {
      if (this.#seen && passes(error)) return error;
      throw error;
    }
  }
}

function passes(error: unknown): error is NetpulseError {
  return [NetworkError, Unavailable, ServerError, TooManyRequests].some((kind) => error instanceof kind);
}
