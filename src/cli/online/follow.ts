import type { JobEvent, Netpulse } from "../../client/index.ts";
import { EXIT } from "./exit.ts";
import type { Screen } from "./screen.ts";

/** Prints what a job's device prints, as it comes; what becomes of the job goes to stderr. Answers with the exit code. */
export async function follow(
  client: Netpulse,
  screen: Screen,
  id: string,
  signal: AbortSignal,
  lastEventId?: string,
): Promise<number> {
  let ended: (JobEvent & { type: "end" }) | null = null;
  for await (const event of client.jobs.events(id, { signal, lastEventId })) {
    if (event.type === "end") ended = event;
    if (screen.format === "people") tell(screen, event);
    else if (screen.format === "csv") screen.csvRow(cellsOf(event));
    else screen.jsonLine(event);
  }
  if (ended?.data.status === "finished") return EXIT.done;
  return ended?.data.result?.type === "timeout" ? EXIT.timeout : EXIT.failed;
}

function tell(screen: Screen, { type, data }: JobEvent): void {
  switch (type) {
    case "state":
      return screen.note(data.waiting_on ? `${data.status}: ${data.waiting_on.message}` : data.status);
    case "command":
      return screen.heading(`# ${data.command}`);
    case "output":
      return screen.output(data.text);
    case "parsed_end":
      if (data.parse_error !== null) screen.note(`its output could not be parsed: ${data.parse_error}`);
      return;
    case "reset":
      return screen.note("another run begins: what was printed so far counts no more");
    case "end":
      return screen.note(
        data.result?.error
          ? `${data.status}: ${data.result.error.type}: ${data.result.error.message}`
          : data.status,
      );
  }
}

/** Event, index of its command, text. */
function cellsOf({ type, data }: JobEvent): (string | number | null)[] {
  if (type === "reset") return [type, null, null];
  if (type === "command") return [type, data.index, data.command];
  if (type === "output") return [type, data.index, data.text];
  if (type === "parsed") return [type, data.index, data.json];
  if (type === "parsed_end") return [type, data.index, data.parse_error];
  if (type === "command_end") return [type, data.index, data.ok ? "ok" : "refused"];
  return [type, null, data.status];
}
