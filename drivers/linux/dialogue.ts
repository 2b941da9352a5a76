import { DeviceError } from "../../src/device/driver.ts";
import type { ExecChannel } from "../../src/device/transport/ssh-connection.ts";
import type { LinuxDriverArgs } from "./args.ts";
import { Expectations } from "./expectations.ts";
import { SecretFilter } from "./secret-filter.ts";
import type { Marks, Prepared } from "./shell.ts";
import { SudoGate } from "./sudo-gate.ts";

type Stream = "stdout" | "stderr";

export interface DialogueParts {
  prepared: Prepared;
  args: LinuxDriverArgs;
  marks: Marks;
  /** It cannot go on. */
  fail(error: unknown): void;
}

/**
 * What is said to a command while it runs, by what it prints: sudo's password, the environment and the script once it
 * has begun, answers. What remains of the output is the command's own, less the secrets that were said.
 */
export class Dialogue {
  readonly #parts: DialogueParts;
  readonly #gate: SudoGate | null;
  readonly #expected: Record<Stream, Expectations>;
  readonly #filters: Record<Stream, SecretFilter>;
  #channel: ExecChannel | null = null;
  /** What is to be done with the channel that is not there yet. */
  #waiting: ((channel: ExecChannel) => void)[] = [];

  constructor(parts: DialogueParts) {
    const { args, marks } = parts;
    const { expect_map: map = {}, sudo_password: password } = args;
    this.#parts = parts;
    const enter = args.get_pty === true ? "\r" : "\n";
    this.#gate = args.sudo
      ? new SudoGate({
          marks,
          password,
          say: (text) => this.#with((channel) => channel.write(`${text}${enter}`)),
          giveUp: () => this.#with((channel) => channel.endInput()),
          begin: () => this.#giveInput(),
        })
      : null;
    const answers = { left: MAX_ANSWERS };
    const expectations = () =>
      new Expectations(map, (answer) => {
        if (answers.left-- > 0) this.#with((channel) => channel.write(`${answer}${enter}`));
        else parts.fail(tooMany());
      });
    this.#expected = { stdout: expectations(), stderr: expectations() };
    const secrets = [...Object.values(map), ...(password === undefined ? [] : [password])];
    this.#filters = { stdout: new SecretFilter(secrets), stderr: new SecretFilter(secrets) };
  }

  attach(channel: ExecChannel): void {
    this.#channel = channel;
    if (this.#gate === null) this.#giveInput();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const act of waiting) this.#with(act);
  }

  /** What of the output is to be shown. */
  heard(stream: Stream, text: string): string {
    const own = this.#gate !== null && stream === this.#sudoStream() ? this.#gate.heard(text) : text;
    this.#expected[stream].heard(own);
    return this.#filters[stream].heard(own);
  }

  /** What was held back of a stream that has ended. */
  rest(stream: Stream): string {
    return this.#filters[stream].rest();
  }

  /** Why the command did not even begin. */
  refusal(): DeviceError | null {
    return this.#gate?.refusal() ?? null;
  }

  #sudoStream(): Stream {
    return this.#parts.args.get_pty === true ? "stdout" : "stderr";
  }

  #giveInput(): void {
    const { input, inputEnds } = this.#parts.prepared;
    this.#with((channel) => {
      if (input !== "") channel.write(input);
      if (inputEnds) channel.endInput();
    });
  }

  #with(act: (channel: ExecChannel) => void): void {
    if (this.#channel === null) {
      this.#waiting.push(act);
      return;
    }
    try {
      act(this.#channel);
    } catch (error) {
      this.#parts.fail(error);
    }
  }
}

/** A program that asks again and again does not take the answer. */
const MAX_ANSWERS = 100;

function tooMany(): DeviceError {
  return new DeviceError(
    "PromptError",
    `the command has asked more than ${MAX_ANSWERS} times for what stands in expect_map; it seems not to take the answers`,
  );
}
