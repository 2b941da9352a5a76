import { createHash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { type Answer, failure } from "./answers.ts";

/** How a change comes to be approved: see `mcp.config_approval`. */
export const APPROVALS = ["any", "user", "off"] as const;
export type ApprovalPolicy = (typeof APPROVALS)[number];

/** Something that is done only with consent. */
export interface Proposal {
  /** All of it, for people to read. */
  text: string;
  /** What is bound: with anything else here the consent is another one's. */
  terms: unknown;
  /** What the client sends with its second call, if this is one. */
  token: string | undefined;
}

export type Consent = { given: true } | { given: false; answer: Answer };

/** Asks the client's user; null: the client cannot. */
export type AskUser = ((text: string, signal: AbortSignal) => Promise<"yes" | "no" | "unanswered">) | null;

/** How long a token holds, and how long a user may take, ms. */
export const PATIENCE_MS = 300_000;
const MAX_PENDING = 32;

interface Pending {
  digest: string;
  until: number;
}

/** Consents of one session. */
export class Approvals {
  readonly #clock: Clock;
  readonly #policy: ApprovalPolicy;
  readonly #pending = new Map<string, Pending>();

  constructor(clock: Clock, policy: ApprovalPolicy) {
    this.#clock = clock;
    this.#policy = policy;
  }

  /** A client that can ask its user must: a token counts for nothing there. */
  async consent(proposal: Proposal, askUser: AskUser, signal: AbortSignal): Promise<Consent> {
    if (askUser !== null) return await asked(proposal, askUser, signal);
    if (this.#policy === "user") {
      return refused(
        "a configuration needs the user's consent here, and this client cannot ask its user (elicitation); apply it by other means",
      );
    }
    if (proposal.token === undefined) return this.#propose(proposal);
    return this.#redeem(proposal.token, proposal.terms)
      ? { given: true }
      : refused(
          "confirm is not the token that was given for these arguments, or was used already, or its time is over; call again without confirm",
        );
  }

  #propose({ text, terms }: Proposal): Consent {
    const token = crypto.randomUUID();
    this.#pending.set(token, { digest: digestOf(terms), until: this.#clock.monotonic() + PATIENCE_MS });
    const [oldest] = this.#pending.keys();
    if (this.#pending.size > MAX_PENDING && oldest !== undefined) this.#pending.delete(oldest);
    return {
      given: false,
      answer: {
        content: {
          applied: false,
          proposal: text,
          confirm: token,
          how_to_apply: `Nothing was done. Show the proposal to the user; if the user agrees, call config again within ${PATIENCE_MS / 1000} s with the same arguments and confirm set to this token.`,
        },
      },
    };
  }

  #redeem(token: string, terms: unknown): boolean {
    const pending = this.#pending.get(token);
    this.#pending.delete(token); // also where it does not fit: there is one try
    return (
      pending !== undefined && this.#clock.monotonic() < pending.until && pending.digest === digestOf(terms)
    );
  }
}

async function asked(
  proposal: Proposal,
  askUser: NonNullable<AskUser>,
  signal: AbortSignal,
): Promise<Consent> {
  switch (await askUser(proposal.text, signal)) {
    case "yes":
      return { given: true };
    case "no":
      return refused("the user has declined; nothing was done");
    case "unanswered":
      return refused("the user has not answered; nothing was done");
  }
}

function refused(reason: string): Consent {
  return { given: false, answer: failure(reason, { applied: false }) };
}

function digestOf(terms: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(terms)))
    .digest("hex");
}

/** The same whatever the order of names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner)]);
}
