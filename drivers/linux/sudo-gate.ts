import { DeviceError } from "../../src/device/driver.ts";
import type { Marks } from "./shell.ts";

export interface SudoGateParts {
  marks: Pick<Marks, "prompt" | "begun">;
  password: string | undefined;
  say(password: string): void;
  /** Ends sudo's input: it has no more to hope for. */
  giveUp(): void;
  /** The command runs from here on. */
  begin(): void;
}

/** What sudo itself prints at most before it lets us pass: a lecture, a refusal. */
const MAX_SAID = 16 * 1024;

/**
 * What sudo prints before the command begins. It may ask for the password, or not (a rule without one, a time stamp that
 * still counts), so the password is said only when it asks, in words that are ours whatever language it speaks.
 */
export class SudoGate {
  readonly #parts: SudoGateParts;
  #state: "waiting" | "told" | "refused" | "needy" | "begun" = "waiting";
  #said = "";

  constructor(parts: SudoGateParts) {
    this.#parts = parts;
  }

  /** What of it is the command's own. */
  heard(text: string): string {
    if (this.#state === "begun") return text;
    this.#said += text;
    const { prompt, begun } = this.#parts.marks;
    for (let at = this.#said.indexOf(prompt); at >= 0; at = this.#said.indexOf(prompt)) {
      this.#said = this.#said.slice(0, at) + this.#said.slice(at + prompt.length);
      this.#asked();
    }
    const passed = this.#said.indexOf(begun);
    if (passed < 0) {
      this.#said = this.#said.slice(-MAX_SAID);
      return "";
    }
    this.#state = "begun";
    this.#parts.begin();
    return this.#said.slice(passed + begun.length);
  }

  /** Why the command, which has ended, has not begun; null when it has. */
  refusal(): DeviceError | null {
    switch (this.#state) {
      case "begun":
        return null;
      case "needy":
        return new DeviceError(
          "AuthenticationError",
          "sudo asks for a password; give driver_args.sudo_password",
        );
      case "refused":
        return new DeviceError("AuthenticationError", "sudo does not take driver_args.sudo_password");
      default:
        return new DeviceError("CommandError", `sudo did not run the command${this.#reason()}`);
    }
  }

  #asked(): void {
    const { password, say, giveUp } = this.#parts;
    if (password !== undefined && this.#state === "waiting") {
      this.#state = "told";
      say(password);
      return;
    }
    // A second try with the same password would only bring the account nearer to being locked.
    this.#state = password === undefined ? "needy" : "refused";
    giveUp();
  }

  #reason(): string {
    const last =
      this.#said
        .trim()
        .split(/[\r\n]+/)
        .at(-1) ?? "";
    return last === "" ? "" : `: ${last.slice(0, 200)}`;
  }
}
