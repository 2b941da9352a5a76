import type { Clock } from "../../src/core/clock.ts";
import type { FromHost, ToHost } from "../../src/ipc/messages.ts";
import { Admission, type AdmissionTerms } from "../../src/worker/admission.ts";
import { AdmissionDesk } from "../../src/worker/admission-desk.ts";

const NEVER = { failures: 0, openForMs: 30_000, longestMs: 30_000 };

/** Holds nobody back but at the places of a device. */
export const GENEROUS: AdmissionTerms = {
  perDevice: 2,
  connects: { perSecond: 1_000, burst: 1_000 },
  devices: NEVER,
  logins: NEVER,
};

/** The node's half of what a session host says of its connections; what concerns something else is let go by. */
export function nodeSide(params: {
  clock: Clock;
  terms?: Partial<AdmissionTerms>;
  /** Shared with other hosts; made of `terms` otherwise. */
  admission?: Admission;
  answer(message: ToHost): void;
}) {
  const admission = params.admission ?? new Admission(params.clock, { ...GENEROUS, ...params.terms });
  const desk = new AdmissionDesk(admission, (message) => params.answer(message));
  const hear = (message: FromHost) => {
    if (message.type === "connect" || message.type === "connect-failed" || message.type === "place") {
      desk.receive(message);
    }
  };
  return { admission, desk, hear };
}
