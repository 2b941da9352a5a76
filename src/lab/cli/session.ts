import type { Line } from "../platform.ts";
import { type LineEnd, type LineHelp, remember } from "../terminal/line-editor.ts";
import { page } from "../terminal/pager.ts";
import { CandidateConfig } from "./candidate.ts";
import { type Compiled, hostnameIn } from "./compiled.ts";
import type { ConfigEntry } from "./config-tree.ts";
import { applyConfigLine, readConfigLine } from "./configure.ts";
import { compileFilter, type Filter, splitPipe } from "./filter.ts";
import { completeLine, explainLine } from "./help.ts";
import { misbehave } from "./misbehave.ts";
import type { Answer, CliState, Mode, Problem, Session } from "./model.ts";
import { filterProblem, problemOf } from "./problems.ts";
import { Waits } from "./waits.ts";

const DEFAULT_ROWS = 24;
const HIDDEN = "******";

/** One person's (or program's) conversation with a device's command line. */
export class CliSession implements Session {
  mode: string;
  section: ConfigEntry;
  width = 80;
  /** Whether the last command was refused. */
  refused = false;
  readonly #compiled: Compiled;
  readonly #state: CliState;
  readonly #line: Line;
  readonly notes = new Set<string>();
  readonly #history: string[] = [];
  /** As set in this session; null while it follows the screen. */
  #length: number | null = null;
  #left = false;
  #typed = 0;
  /** A line that is yet to be painted anew. */
  #owed = "";
  readonly #candidate: CandidateConfig;
  /** Since configuration was begun. */
  #configLines = 0;
  readonly #waits: Waits;

  constructor(compiled: Compiled, state: CliState, line: Line) {
    this.#compiled = compiled;
    this.#state = state;
    this.#candidate = new CandidateConfig(state);
    this.#waits = new Waits(line);
    this.#line = line;
    this.mode = compiled.definition.firstMode(state, line.user);
    this.section = state.running;
  }

  get pageLength(): number {
    if (this.#length !== null) return this.#length;
    const { pagesByDefault } = this.#compiled.definition.dialect;
    if (typeof pagesByDefault === "function") return pagesByDefault(this.#state.running);
    if (!pagesByDefault) return 0;
    return this.#line.rows() > 0 ? this.#line.rows() : DEFAULT_ROWS;
  }
  set pageLength(lines: number) {
    this.#length = lines;
  }

  get user(): string {
    return this.#line.user;
  }
  get session(): number {
    return this.#line.session;
  }
  get vty(): number {
    return this.#line.vty;
  }

  /** Prompt, line, answer, until the session ends. */
  async interact(): Promise<void> {
    await this.#waits.latency();
    await this.#greet();
    while (!this.#left && !this.#line.isClosed()) {
      const text = this.#prompt();
      this.write(text);
      const prompt = text.slice(Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1);
      const help = this.#help();
      const { showsControl, repaints = false } = this.#compiled.definition.dialect;
      const rules = { prompt, echo: true, showsControl, repaints, help, history: this.#history };
      const typed = await this.#line.terminal.readLine(rules);
      if (typed.end === "closed") return;
      // With the answer, in one piece: netmiko takes the prompt in it for the one at the end.
      if (repaints && typed.end === "enter") this.#owed = `\r${prompt}${typed.text}\n`;
      this.#line.record({ text: typed.text, end: typed.end, hidden: false, prompt });
      remember(this.#history, typed.text);
      this.#typed += 1;
      await this.#waits.latency();
      await this.#take(typed.text, typed.end, prompt.length);
      this.#line.answered();
    }
  }

  async #greet(): Promise<void> {
    const { greeting, pressKey } = this.#compiled.definition;
    this.write(greeting(this.#state));
    if (pressKey === undefined) return;
    this.write(pressKey);
    await this.#key();
    this.write("\n");
  }

  /** Runs one line outside a conversation: no prompt, no paging, no questions. */
  async once(command: string): Promise<void> {
    this.pageLength = 0;
    this.#line.record({ text: command, end: "enter", hidden: false, prompt: "" });
    await this.#waits.latency();
    this.write(this.#compiled.definition.dialect.execLead);
    await this.#execute(command, 0);
  }

  write(text: string): void {
    const { newline, out } = this.#line;
    const whole = this.#owed + text;
    this.#owed = "";
    out.write(newline === "\n" ? whole : whole.replaceAll("\n", newline));
  }

  async ask(question: string, options = { hidden: false }): Promise<string | null> {
    this.write(question);
    const rules = { prompt: question, echo: !options.hidden, showsControl: false, help: null, history: [] };
    const typed = await this.#line.terminal.readLine(rules);
    if (typed.end === "closed") return null;
    const text = options.hidden ? HIDDEN : typed.text;
    this.#line.record({ text, end: typed.end, hidden: options.hidden, prompt: question });
    await this.#waits.latency();
    return typed.end === "enter" ? typed.text : null;
  }

  async confirm(question: string): Promise<boolean> {
    this.write(question);
    const key = await this.#key();
    this.write("\n");
    return key === "\r" || key === "\n" || key === "y" || key === "Y";
  }

  sleep(ms: number): Promise<boolean> {
    return this.#waits.sleep(ms);
  }

  flushed(): Promise<boolean> {
    return this.#waits.flushed();
  }

  leave(): void {
    this.#left = true;
  }

  get root(): ConfigEntry {
    return this.#candidate.root;
  }
  get dirty(): boolean {
    return this.#candidate.dirty;
  }
  get outdated(): boolean {
    return this.#candidate.outdated;
  }
  get candidateName(): string | null {
    return this.#candidate.name;
  }
  openCandidate(name?: string): void {
    this.#candidate.open(name);
  }
  commitCandidate(): void {
    this.#candidate.commit();
  }
  dropCandidate(): void {
    this.#candidate.drop();
  }

  enter(mode: string, section: ConfigEntry = this.root): void {
    this.mode = mode;
    this.section = section;
    if (this.#modeNow().kind === "exec") this.#configLines = 0;
  }

  history(): readonly string[] {
    return this.#history;
  }

  #modeNow(): Mode {
    return this.#compiled.mode(this.mode);
  }

  #prompt(): string {
    const { user, section, dirty, candidateName: candidate } = this;
    const { running, startup } = this.#state;
    const unsaved = JSON.stringify(running) !== JSON.stringify(startup);
    return this.#modeNow().prompt(this.#hostname(), {
      user,
      section,
      dirty,
      candidate,
      unsaved,
      typed: this.#typed,
    });
  }

  #hostname(): string {
    return hostnameIn(this.#compiled.definition, this.#state.running);
  }

  #help(): LineHelp {
    const { mode } = this;
    return {
      explain: (line) => explainLine(this.#compiled, mode, line),
      complete: (line) => completeLine(this.#compiled, mode, line),
    };
  }

  async #take(text: string, end: LineEnd, promptLength: number): Promise<void> {
    const { dialect, execMode } = this.#compiled.definition;
    if (end === "eof") {
      if (dialect.eofEnds) this.leave();
      return;
    }
    if (end !== "interrupt") await this.#waits.interruptible(() => this.#execute(text, promptLength));
    const leaves = end === "end" || (end === "interrupt" && dialect.interruptLeavesConfig);
    if (!leaves || this.#modeNow().kind !== "config") return;
    this.dropCandidate();
    this.enter(execMode);
  }

  async #execute(line: string, promptLength: number): Promise<void> {
    this.refused = false;
    const said = this.#line.answerTo(line.trim());
    const { dialect } = this.#compiled.definition;
    const { command, filter } = splitPipe(line, dialect.shows);
    if (command.trim() === "" || command.trimStart().startsWith(dialect.comment)) return;
    const compiled = filter === null ? null : compileFilter(filter, dialect.filters);
    if (compiled && !compiled.ok) {
      await this.#print(this.#refuse(filterProblem(compiled, line, promptLength)), null);
      return;
    }
    const answer = said ?? (await this.#dispatch(command, promptLength));
    if (answer !== null && answer !== "") await this.#print(answer, compiled);
  }

  #dispatch(line: string, promptLength: number): Answer | Promise<Answer> {
    if (this.#modeNow().kind === "exec") return this.#command(this.mode, line, 0, promptLength);
    const { execMode, dialect } = this.#compiled.definition;
    const borrowed = dialect.borrows.exec(line);
    if (borrowed) return this.#command(execMode, line, borrowed[0].length, promptLength);
    return this.#configLine(line, promptLength);
  }

  #command(mode: string, line: string, from: number, promptLength: number): Answer | Promise<Answer> {
    const match = this.#compiled.grammar(mode).match(line, from);
    if (match.kind !== "ok") return this.#refuse(problemOf(match, line, promptLength));
    const call = { session: this, state: this.#state, args: match.args, line: match.words.join(" ") };
    return match.entry.run?.({ ...call, negated: false }) ?? null;
  }

  async #configLine(line: string, promptLength: number): Promise<Answer> {
    this.#configLines += 1;
    const broken = this.#configLines > 1 ? this.#line.breakAt("config") : null;
    if (broken !== null) {
      await this.#line.breakOff(broken);
      return null;
    }
    const reading = readConfigLine(this.#compiled, this.mode, line);
    if ("refused" in reading) return this.#refuse(problemOf(reading.refused, line, promptLength));
    return applyConfigLine(this.#compiled, this.#state, this, reading);
  }

  #refuse(problem: Problem): string {
    this.refused = true;
    return this.#compiled.definition.dialect.refuse(problem);
  }

  async #print(text: string, filter: Extract<Filter, { ok: true }> | null): Promise<void> {
    const lines = text.replace(/\n$/, "").split("\n");
    const shown = filter && !this.refused ? filter.apply(lines) : lines;
    const spoiled = {
      line: this.#line,
      hostname: this.#hostname(),
      write: (part: string) => this.write(part),
      flushed: () => this.flushed(),
    };
    if (await misbehave(shown, spoiled)) return;
    const { pager } = this.#compiled.definition.dialect;
    await page(shown, this.pageLength, pager, {
      write: (part) => this.write(part),
      key: () => this.#key(),
    });
  }

  async #key(): Promise<string | null> {
    const key = await this.#line.terminal.readKey();
    await this.#waits.latency();
    return key;
  }
}
