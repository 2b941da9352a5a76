import { isFinal } from "../../../core/job.ts";
import type { JobEvent, OutputPlace, PlacedFrame } from "../../../engine/follow.ts";
import type { Presenter } from "../../present.ts";
import { seconds, type TimeFormat } from "../../time.ts";
import type { EventDataJson } from "./schema.ts";

/** What a client sends back to go on behind the last event it got. */
export interface LastEvent {
  place: OutputPlace;
  /** It was the last one of all. */
  ended: boolean;
}

export const LAST_EVENT = /^(\d{1,9})-(\d{1,15})(-end)?$/;

/** null: not an id of ours. */
export function parseLastEvent(id: string): LastEvent | null {
  const [, attempts, offset, end] = LAST_EVENT.exec(id) ?? [];
  if (attempts === undefined || offset === undefined) return null;
  return { place: { attempts: Number(attempts), offset: Number(offset) }, ended: end !== undefined };
}

/** Events of a job as lines of an event stream. */
export class EventFormat {
  readonly #present: Presenter;
  readonly #time: TimeFormat;

  constructor(present: Presenter, time: TimeFormat) {
    this.#present = present;
    this.#time = time;
  }

  text(event: JobEvent): string {
    switch (event.kind) {
      case "state":
        return this.#state(event);
      case "reset":
        return lines("reset", event.place, {});
      case "output":
        return event.frames.map((each) => this.#frame(each)).join("");
    }
  }

  /** The result without its output, which has been told. */
  #state({ job, place }: JobEvent & { kind: "state" }): string {
    const data = { ...this.#present.jobHead({ job, waiting: null }), result: job.result };
    return isFinal(job.status) ? lines("end", place, data, "-end") : lines("state", place, data);
  }

  #frame({ frame, place }: PlacedFrame): string {
    const { index } = frame;
    switch (frame.kind) {
      case "start":
        return lines("command", place, { index, command: frame.command, at: this.#time.format(frame.at) });
      case "data":
        return lines("output", place, { index, stream: frame.stream, text: frame.text });
      case "parsed":
        return lines("parsed", place, { index, json: frame.json });
      case "parsed_end":
        return lines("parsed_end", place, { index, parse_error: frame.error });
      case "end": {
        const { ok, exitStatus, durationMs } = frame;
        return lines("command_end", place, {
          index,
          ok,
          exit_status: exitStatus,
          duration: seconds(durationMs),
        });
      }
    }
  }
}

/** JSON has no line breaks, so one line of data is enough. */
function lines<E extends keyof EventDataJson>(
  event: E,
  { attempts, offset }: OutputPlace,
  data: EventDataJson[E],
  end = "",
): string {
  return `event: ${event}\nid: ${attempts}-${offset}${end}\ndata: ${JSON.stringify(data)}\n\n`;
}
