import type { ParseWork, RenderWork, TemplateCall, Templates } from "../../src/template/templates.ts";
import { Workshop } from "../../src/template-host/workshop.ts";

/** Renders and parses where it is asked to, and notes who asked. */
export class DirectTemplates implements Templates {
  readonly calls: TemplateCall[] = [];
  readonly #workshop = new Workshop({ dir: null, maxOutput: 100_000 });
  /** Rejects instead, once. */
  refuse: Error | null = null;

  async render(work: RenderWork, call: TemplateCall): Promise<string> {
    this.#note(call);
    return this.#workshop.do({ kind: "render", ...work });
  }

  async parse(work: ParseWork, call: TemplateCall): Promise<string> {
    this.#note(call);
    return this.#workshop.do({ kind: "parse", ...work });
  }

  #note(call: TemplateCall): void {
    this.calls.push(call);
    const { refuse } = this;
    this.refuse = null;
    if (refuse !== null) throw refuse;
  }
}
