import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { count, duration, plural } from "../format.ts";
import type { LiveOutput } from "../model/live-output.ts";
import { Badge } from "./badge.tsx";
import { DataTable } from "./data-table.tsx";
import { Icon } from "./icon.tsx";

const PAGE = 50;

/** What a job's commands printed, each in a panel of its own. */
export function Outputs({ outputs, over }: { outputs: readonly LiveOutput[]; over: boolean }) {
  const [shown, setShown] = useState(PAGE);
  // While it runs the last ones are of interest, afterwards the first.
  const some = over ? outputs.slice(0, shown) : outputs.slice(-shown);
  return (
    <div class="outputs">
      {some.map((output) => (
        <Output key={output.index} output={output} over={over} length={output.length + output.dropped} />
      ))}
      {outputs.length > some.length && (
        <button type="button" onClick={() => setShown(shown + 4 * PAGE)}>
          Show more of {plural(outputs.length, "command")}
        </button>
      )}
    </div>
  );
}

interface OutputProps {
  output: LiveOutput;
  over: boolean;
  /** Tells that there is more of it. */
  length: number;
}

function Output({ output, over }: OutputProps) {
  const hasData = output.parsed !== null || output.parseError !== null;
  const [wish, setTab] = useState<"text" | "data" | null>(null);
  const tab = wish ?? (output.parsed !== null ? "data" : "text");
  return (
    <section class="panel output-panel">
      <header>
        <h3>
          <code>{output.command || "…"}</code>
        </h3>
        {output.parseError !== null && <Badge of="cancelled">not parsed</Badge>}
        <State output={output} over={over} />
        {hasData && (
          <span class="tabs">
            <button type="button" aria-pressed={tab === "data"} onClick={() => setTab("data")}>
              Data
            </button>
            <button type="button" aria-pressed={tab === "text"} onClick={() => setTab("text")}>
              Text
            </button>
          </span>
        )}
      </header>
      {tab === "data" ? <Parsed output={output} /> : <Text output={output} over={over} />}
    </section>
  );
}

function State({
  output: { ok, exitStatus, duration: seconds },
  over,
}: {
  output: LiveOutput;
  over: boolean;
}) {
  if (ok === undefined && !over) return <Badge of="started">running</Badge>;
  if (ok === undefined || ok === null) return <Badge of="cancelled">interrupted</Badge>;
  return (
    <span class="command-state">
      <span class={ok ? "good" : "bad"}>
        <Icon name={ok ? "check" : "cross"} />
        <span class="visually-hidden">{ok ? "accepted" : "refused"}</span>
      </span>
      {exitStatus !== null && <span>exit {exitStatus}</span>}
      <span class="muted">{duration(seconds)}</span>
    </span>
  );
}

function Parsed({ output: { parsed, parseError } }: { output: LiveOutput }) {
  if (parseError !== null) return <p class="field-error pad">Could not be parsed: {parseError}</p>;
  return <DataTable value={parsed} />;
}

/** Follows what is printed, until somebody scrolls up. */
function Text({ output: { segments, dropped, length }, over }: { output: LiveOutput; over: boolean }) {
  const place = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  // `length` tells that more was printed.
  useLayoutEffect(() => {
    const element = place.current;
    if (element !== null && !over && following.current) element.scrollTop = element.scrollHeight;
  }, [length, over]);
  if (length + dropped === 0)
    return <p class="muted pad">{over ? "It printed nothing." : "Nothing was printed yet."}</p>;
  const scrolled = ({
    currentTarget: { scrollTop, clientHeight, scrollHeight },
  }: {
    currentTarget: HTMLElement;
  }) => {
    following.current = scrollTop + clientHeight >= scrollHeight - 24;
  };
  return (
    <>
      {dropped > 0 && <p class="muted pad">{count(dropped)} characters before these are in “All output”.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reached by keyboard */}
      <pre class="output" ref={place} onScroll={scrolled} tabIndex={0}>
        {segments.map(({ stream, text }, place) => (
          <span key={place} class={stream}>
            {text}
          </span>
        ))}
      </pre>
    </>
  );
}
