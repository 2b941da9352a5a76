import type { Dialogue } from "./engine/dialogue.ts";
import { goTo } from "./engine/modes.ts";
import { type TellOptions, tell } from "./engine/tell.ts";
import type { Platform } from "./platform.ts";

/** Where on the command line a session is, and the ways from there. */
export class Whereabouts {
  readonly #dialogue: Dialogue;
  readonly #platform: Platform;
  readonly #secret: string | undefined;
  readonly #visited = new Set<string>();

  /** `secret`: the enable password. */
  constructor(dialogue: Dialogue, platform: Platform, secret: string | undefined) {
    this.#dialogue = dialogue;
    this.#platform = platform;
    this.#secret = secret;
  }

  get inCommandMode(): boolean {
    return this.#platform.commandModes.includes(this.#dialogue.mode ?? "");
  }

  async go(mode: string, seconds: number): Promise<void> {
    await goTo(this.#dialogue, this.#platform, mode, this.telling(seconds));
    await this.setUp(seconds);
  }

  /** Sends what a mode wants at the first visit. */
  async setUp(seconds: number): Promise<void> {
    const mode = this.#dialogue.mode ?? "";
    if (this.#visited.has(mode)) return;
    this.#visited.add(mode);
    for (const send of this.#platform.onMode[mode] ?? []) await this.tell(send, seconds);
  }

  /** Types a line of the platform's; refusals do not matter. */
  async tell(send: string, seconds: number): Promise<void> {
    await tell(this.#dialogue, { send }, this.telling(seconds));
  }

  telling(seconds: number): TellOptions {
    return { secret: this.#secret, seconds };
  }
}
