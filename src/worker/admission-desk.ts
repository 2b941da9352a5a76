import type { FromHost, ToHost } from "../ipc/messages.ts";
import type { Admission, Entry } from "./admission.ts";
import { errorOf } from "./execute.ts";

interface Visit {
  /** Ends its wait. */
  gone: AbortController;
  /** Null while it waits. */
  entry: Entry | null;
  /** Takes back the offer of its place, while it is idle. */
  keep(): void;
  /** Answers whoever asked for its place: it is free, or in use again. */
  answered(): void;
}

/** What a session host says of its connections, and what is said to it. */
type Message = FromHost & { type: "connect" | "connect-failed" | "place" };

/** Where one session host asks the node's `Admission`. */
export class AdmissionDesk {
  readonly #admission: Admission;
  readonly #send: (message: ToHost) => void;
  readonly #visits = new Map<number, Visit>();

  constructor(admission: Admission, send: (message: ToHost) => void) {
    this.#admission = admission;
    this.#send = send;
  }

  receive(message: Message): void {
    if (message.type === "connect") return void this.#admit(message);
    const visit = this.#visits.get(message.place);
    if (!visit) return;
    if (message.type === "connect-failed") {
      visit.entry?.failed(message.error);
      return this.#end(message.place, visit);
    }
    switch (message.is) {
      case "open":
        return visit.entry?.opened();
      case "idle":
        return this.#offer(message.place, visit);
      case "busy":
        visit.keep();
        return visit.answered();
      case "left":
        return this.#end(message.place, visit);
    }
  }

  /** The host is gone with all its connections. */
  close(): void {
    for (const [place, visit] of this.#visits) this.#end(place, visit);
  }

  async #admit({ place, device, credential }: Message & { type: "connect" }): Promise<void> {
    const visit: Visit = { gone: new AbortController(), entry: null, keep: () => {}, answered: () => {} };
    this.#visits.set(place, visit);
    try {
      const entry = await this.#admission.enter({ device, credential }, visit.gone.signal);
      if (visit.gone.signal.aborted) return entry.leave();
      visit.entry = entry;
      this.#send({ type: "admission", place, refusal: null });
    } catch (error) {
      if (visit.gone.signal.aborted) return;
      this.#visits.delete(place);
      this.#send({ type: "admission", place, refusal: errorOf(error, []) });
    }
  }

  #offer(place: number, visit: Visit): void {
    const keep = visit.entry?.offer(() => this.#vacate(place, visit));
    visit.keep = keep ?? visit.keep;
  }

  #vacate(place: number, visit: Visit): Promise<void> {
    this.#send({ type: "vacate", place });
    return new Promise((resolve) => {
      visit.answered = resolve;
    });
  }

  #end(place: number, visit: Visit): void {
    this.#visits.delete(place);
    visit.gone.abort();
    visit.keep();
    visit.entry?.leave();
    visit.answered();
  }
}
