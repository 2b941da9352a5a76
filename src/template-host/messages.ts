import type { ParseWork, RenderWork } from "../template/templates.ts";

/** What one template may cost, beside time and memory, which the process is watched for. */
export interface HostSettings {
  /** The template folder. */
  dir: string | null;
  /** Characters of a result. */
  maxOutput: number;
}

export type Work = ({ kind: "render" } & RenderWork) | ({ kind: "parse" } & ParseWork);

/** What the process that started a template host tells it. It does one piece of work after another. */
export type ToTemplateHost = ({ type: "settings" } & HostSettings) | ({ type: "work" } & Work);

export type FromTemplateHost =
  | { type: "ready"; build: string }
  | { type: "done"; text: string }
  | { type: "refused"; refusal: Refusal }
  /** It must not be used any more. */
  | { type: "broken"; refusal: Refusal };

/** A `TemplateError` on its way. */
export interface Refusal {
  reason: string;
  line: number | null;
  file: string | null;
  notFound: boolean;
}
