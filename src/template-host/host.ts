import { TemplateError } from "../core/errors.ts";
import type { FromTemplateHost, Refusal, ToTemplateHost } from "./messages.ts";
import { Workshop } from "./workshop.ts";

/** A template host: does what it is told, one work after another, and holds its process up meanwhile. */
export class TemplateHost {
  readonly #send: (message: FromTemplateHost) => void;
  readonly #build: string;
  #workshop: Workshop | null = null;

  constructor(deps: { build: string; send(message: FromTemplateHost): void }) {
    this.#send = deps.send;
    this.#build = deps.build;
  }

  receive(message: ToTemplateHost): void {
    switch (message.type) {
      case "settings":
        this.#workshop = new Workshop(message);
        return this.#send({ type: "ready", build: this.#build });
      case "work":
        return this.#send(this.#answer(message));
    }
  }

  #answer(work: ToTemplateHost & { type: "work" }): FromTemplateHost {
    try {
      if (this.#workshop === null) throw new Error("work came before the settings");
      return { type: "done", text: this.#workshop.do(work) };
    } catch (error) {
      if (error instanceof TemplateError) return { type: "refused", refusal: refusalOf(error) };
      return { type: "broken", refusal: brokenBy(error) };
    }
  }
}

function refusalOf({ reason, line, file, notFound }: TemplateError): Refusal {
  return { reason, line, file, notFound };
}

/** The engine ran out of its memory or stack, or a fault of ours: words of neither may hold what the template was given. */
function brokenBy(error: unknown): Refusal {
  const kind = error instanceof Error ? error.constructor.name : "Error";
  const reason =
    kind === "RuntimeError" || error instanceof RangeError
      ? "the template takes more memory, or goes deeper, than it may"
      : `the template cannot be worked on (${kind})`;
  return { reason, line: null, file: null, notFound: false };
}
