import type { Clock, Timer } from "../core/clock.ts";
import { type JobError, overdueError } from "../core/job.ts";
import type { Claim, RunOutcome, Storage } from "../storage/storage.ts";
import { failed, released, retryLater, succeeded } from "../storage/storage.ts";
import type { Rendering } from "../template/templates.ts";
import type { Executor, RunEvents } from "./executor.ts";
import type { NodeWork } from "./node-work.ts";
import {
  type CommandParsing,
  decodeOperation,
  linesOf,
  parsingAt,
  type SealedOperation,
} from "./operation.ts";
import { OutputBuffer } from "./output-buffer.ts";
import { ParsedTexts } from "./parsed-texts.ts";
import { untilStored } from "./persist.ts";
import type { Sealer } from "./seal.ts";
import { TemplateWork } from "./template-work.ts";
import { parsed, rendered, renderingError, type Templating } from "./templating.ts";

export interface RunDeps {
  storage: Storage;
  executor: Executor;
  sealer: Sealer;
  templating: Templating;
  clock: Clock;
  /** Counted up. */
  work: NodeWork;
  /** How long a session may take to obey an abort or its deadline before its host is looked at, ms. */
  stopGraceMs: number;
  /** Pause before retry number `attempt`, ms. */
  retryDelayMs(attempt: number): number;
  /** Aborts when the node gives up on the store. */
  signal: AbortSignal;
  onError(error: unknown): void;
}

/** What a run tells whoever claimed it. */
export interface RunHandover {
  /** It is over and the store was sent its settlement: what the store is asked from here on comes behind that. */
  settling(): void;
  /** The store has answered, a moment before `done` says so: what it answers next knows of the settlement. */
  settled(): void;
}

/** How the output of a run is to be parsed, with that. */
interface WantedParsing {
  parsing: CommandParsing;
  secrets: readonly string[];
  texts: ParsedTexts;
}

/** Errors after which the same run is never tried again by itself: somebody decided, or it would lock accounts. */
const NEVER_RETRIED: ReadonlySet<JobError["type"]> = new Set([
  "JobAborted",
  "WorkerStopped",
  "AuthenticationError",
  "HostKeyError",
  "InternalError",
]);

/**
 * One claimed job on its way through a session host: from the claim to the settlement. It settles
 * exactly once; a run that was revoked (its lease is somebody else's) is dropped without a word.
 */
export class Run {
  readonly claim: Claim;
  readonly #deps: RunDeps;
  readonly #handover: RunHandover;
  readonly #output: OutputBuffer;
  readonly #done = Promise.withResolvers<void>();
  readonly #claimedAt: number;
  readonly #templates: TemplateWork;
  /** On our monotonic clock. */
  #mayWriteUntil = 0;
  #begun = false;
  #closing = false;
  #overdue: Timer | null = null;
  #stopReason: JobError | null = null;
  #examination: Promise<void> | null = null;

  constructor(deps: RunDeps, claim: Claim, handover: RunHandover) {
    this.#deps = deps;
    this.#handover = handover;
    this.claim = claim;
    this.#claimedAt = deps.clock.monotonic();
    this.#templates = new TemplateWork(deps.clock, claim.job.host);
    this.#output = new OutputBuffer({
      storage: deps.storage,
      clock: deps.clock,
      token: claim.token,
      events: {
        stored: (bytes) => deps.executor.credit(this.key, bytes),
        lost: () => this.revoke(),
      },
    });
  }

  /** Resolves when the run is settled or dropped. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** It did not end when it was told to: resolves when its host was looked at, and killed if that did not answer. */
  get examination(): Promise<void> | null {
    return this.#examination;
  }

  /** Whether it only waits for its settlement to be stored. */
  get over(): boolean {
    return this.#closing;
  }

  get id(): string {
    return this.claim.token.id;
  }

  /** Names this run, where a later run of the same job must not be meant. */
  get key(): string {
    return `${this.claim.token.id}#${this.claim.token.run}`;
  }

  /** Renders what is to be rendered, and hands the operation to the worker's session host. */
  start(keepSession: boolean, mayWriteUntil: number): void {
    this.#mayWriteUntil = mayWriteUntil;
    const sealed = this.#open();
    if (sealed === null) return;
    const { rendering } = sealed;
    if (rendering === undefined) return this.#handOver(sealed, keepSession);
    this.#render(sealed, rendering, keepSession).catch((fault) => this.#onTemplateFault(fault));
  }

  /** Its lease was renewed: its session may write until this moment of our monotonic clock. */
  renewed(mayWriteUntil: number): void {
    this.#mayWriteUntil = mayWriteUntil;
  }

  /** Ends the run for a fault of ours, before or after it was handed over. */
  fail(): void {
    this.#settle(
      failed({
        type: "InternalError",
        message: "the node failed to start the job; see its log",
        retryable: false,
      }),
    );
  }

  /** Gives the job back untouched: its worker is not there any more. */
  handBack(): void {
    this.#settle(released());
  }

  /** Gives the job back if nothing of it has begun at its device; else it goes on. */
  recall(): void {
    if (this.#closing || this.#stopReason) return;
    if (!this.#begun && this.#templates.end()) this.#settle(released());
    else this.#deps.executor.recall(this.key);
  }

  /** Interrupts the device and ends the run with `error`; settles without the host when that does not obey. */
  abort(error: JobError): void {
    if (this.#closing || this.#stopReason) return; // asked again by every heartbeat: the first one counts
    this.#stopReason = error;
    if (this.#templates.end()) return this.#settle(failed(error));
    this.#deps.executor.abort(this.key, error);
    this.#watch(0, error);
  }

  /** The run is not ours any more: stop it, write nothing. */
  revoke(): void {
    if (this.#closing) return; // its settlement is on its way, and its answer decides
    this.#close();
    this.#deps.work.lostRuns += 1;
    const { executor, clock, stopGraceMs } = this.#deps;
    executor.abort(this.key, {
      type: "WorkerLost",
      message: "the run's lease lapsed and was given up",
      retryable: true,
    });
    clock.after(stopGraceMs, () => void executor.probe(this.key));
    void this.#output.close().then(() => this.#done.resolve());
  }

  #open() {
    try {
      return decodeOperation(this.#deps.sealer.open(this.id, this.claim.sealed));
    } catch (error) {
      this.#settle(
        failed({
          type: "InternalError",
          message: "the job's sealed operation does not open; was NETPULSE_SECRET_KEY or secret.key changed?",
          retryable: false,
        }),
      );
      this.#deps.onError(error);
      return null;
    }
  }

  /** A fault of a template ends the job before anything of it is near its device. */
  async #render(sealed: SealedOperation, rendering: Rendering, keepSession: boolean): Promise<void> {
    const { operation, parsing, secrets } = sealed;
    if (operation.kind !== "command" && operation.kind !== "config")
      throw new Error(`a ${operation.kind} cannot be rendered`);
    const call = this.#templates.begin(this.#leftMs, () => this.#overrun("having its templates rendered"));
    let made: Pick<SealedOperation, "operation" | "parsing">;
    try {
      const asked = { operation, ...(parsing && { parsing }) };
      made = await rendered(this.#deps.templating, asked, rendering, call);
    } catch (error) {
      if (this.#closing) return;
      this.#templates.end();
      return this.#settle(failed(renderingError(error, secrets)));
    }
    if (this.#closing) return;
    this.#templates.end();
    this.#handOver({ ...sealed, ...made }, keepSession);
  }

  #handOver({ rendering, parsing, ...operation }: SealedOperation, keepSession: boolean): void {
    const { clock, executor } = this.#deps;
    if (clock.monotonic() >= this.#mayWriteUntil) return this.#settle(released()); // the claim's reply came too late
    const timeoutMs = this.claim.executionTimeoutMs;
    this.#watch(
      this.#leftMs,
      overdueError(timeoutMs, "in a session that did not end it when its time was over"),
    );
    const { secrets } = operation;
    const isParsed = (place: number) => parsing !== undefined && parsingAt(parsing, place) !== null;
    const texts = new ParsedTexts(linesOf(operation.operation), isParsed);
    const wanted = parsing && { parsing, secrets, texts };
    executor.run(
      {
        run: this.key,
        worker: this.claim.worker,
        keepSession,
        ...operation,
        ...(rendering && { rendered: true }),
        deadline: clock.monotonic() + this.#leftMs,
        timeoutMs,
        mayWriteUntil: this.#mayWriteUntil,
      },
      this.#events(wanted ?? null),
    );
  }

  /** The device has done its work: what a parser makes of it changes nothing about that. */
  async #parse(
    outcome: RunOutcome,
    { texts, ...wanted }: WantedParsing,
    platform: string | null,
  ): Promise<void> {
    this.#overdue?.cancel();
    const call = this.#templates.begin(this.#leftMs, () => this.#overrun("having its output parsed"));
    for await (const log of parsed(this.#deps.templating, texts.texts(), { ...wanted, platform }, call)) {
      if (this.#closing) return;
      this.#output.add(log);
    }
    this.#templates.end();
    this.#settle(outcome);
  }

  /** Of the run's time, ms. */
  get #leftMs(): number {
    return Math.max(0, this.#claimedAt + this.claim.executionTimeoutMs - this.#deps.clock.monotonic());
  }

  #overrun(doing: string): void {
    this.#settle(failed(overdueError(this.claim.executionTimeoutMs, doing)));
  }

  /** Templates are not worth a run's end without a settlement. */
  #onTemplateFault(error: unknown): void {
    if (this.#closing) return;
    this.#templates.end();
    this.#deps.onError(error);
    this.fail();
  }

  #events(parsing: WantedParsing | null): RunEvents {
    return {
      output: (log) => {
        this.#begin();
        this.#output.add(log);
        parsing?.texts.add(log);
      },
      ended: (error, platform) => {
        const outcome = error === null ? succeeded() : this.#failure(error);
        const isOver = outcome.kind === "succeeded" || outcome.kind === "failed";
        if (parsing === null || !isOver || this.#closing || this.#stopReason) return this.#settle(outcome);
        this.#parse(outcome, parsing, platform ?? null).catch((fault) => this.#onTemplateFault(fault));
      },
      notStarted: () => this.#settle(released()),
      hostLost: (reason) =>
        this.#settle(
          this.#failure(this.#stopReason ?? { type: "WorkerLost", message: reason, retryable: true }),
        ),
    };
  }

  /** The host has `ms` and the grace to end the run by itself; then it ends here, and the host is looked at. */
  #watch(ms: number, error: JobError): void {
    this.#overdue?.cancel();
    this.#overdue = this.#deps.clock.after(ms + this.#deps.stopGraceMs, () => {
      this.#examination = this.#deps.executor.probe(this.key);
      this.#settle(failed(error));
    });
  }

  #failure(error: JobError): RunOutcome {
    const { retries, job } = this.claim;
    const again = job.attempts <= retries && error.retryable && !NEVER_RETRIED.has(error.type);
    return again ? retryLater(error, this.#deps.retryDelayMs(job.attempts)) : failed(error);
  }

  #close(): void {
    this.#closing = true;
    this.#templates.end();
    this.#overdue?.cancel();
  }

  /** Something of it was done: from here on it is not handed back any more. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#deps.work.times.waited(this.claim);
  }

  #settle(outcome: RunOutcome): void {
    if (this.#closing) return;
    this.#close();
    if (outcome.kind !== "released") this.#begin();
    this.#store(outcome).then(this.#done.resolve, this.#done.reject);
  }

  async #store(outcome: RunOutcome): Promise<void> {
    const { clock, storage, signal, work } = this.#deps;
    const tookMs = clock.monotonic() - this.#claimedAt;
    const rest = await this.#output.close();
    const settlement = { token: this.claim.token, ...rest, outcome };
    const stored = untilStored(clock, signal, async () => {
      const [answer] = await storage.settle({ settlements: [settlement] });
      this.#handover.settled();
      return answer ?? null;
    });
    this.#handover.settling();
    const answer = await stored;
    if (answer === "lost") work.lostRuns += 1;
    else if (answer !== null) work.times.took(this.claim, tookMs, outcome);
  }
}
