import type { ComponentChild } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Forbidden } from "../../../client/index.ts";
import { type Telemetry, useTelemetry } from "../model/telemetry.ts";
import { go, hrefTo, type Route, useRoute } from "../router.ts";
import { useSession } from "../session.ts";
import { focusSearch, moveRow, type Shortcut, useShortcuts } from "../shortcuts.ts";
import { applyTheme, storedTheme, storeTheme, THEMES } from "../theme.ts";
import { AuditView } from "../views/audit.tsx";
import { BatchView } from "../views/batch.tsx";
import { BatchesView } from "../views/batches.tsx";
import { ConsoleView } from "../views/console.tsx";
import { DeviceView } from "../views/device.tsx";
import { DevicesView } from "../views/devices.tsx";
import { JobView } from "../views/job.tsx";
import { JobsView } from "../views/jobs.tsx";
import { OverviewView } from "../views/overview.tsx";
import { WorkersView } from "../views/workers.tsx";
import { Dialog } from "./dialog.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Mark } from "./mark.tsx";
import { Empty } from "./notice.tsx";

interface Place {
  name: IconName;
  label: string;
  /** After `g`. */
  key: string;
}

const PLACES: Place[] = [
  { name: "overview", label: "Overview", key: "o" },
  { name: "jobs", label: "Jobs", key: "j" },
  { name: "devices", label: "Devices", key: "d" },
  { name: "workers", label: "Workers", key: "w" },
  { name: "console", label: "Console", key: "c" },
  { name: "batches", label: "Batches", key: "b" },
  { name: "audit", label: "Audit", key: "a" },
];

export function Shell({ telemetry }: { telemetry: Telemetry }) {
  const route = useRoute();
  const [helping, setHelping] = useState(false);
  const shortcuts = useMemo(() => shortcutsOf(() => setHelping(true)), []);
  useShortcuts(shortcuts);
  const { reading, error } = useTelemetry(telemetry);
  const [place = "overview"] = route.path;
  const main = useRef<HTMLElement>(null);
  useTitle(route, main);
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="side">
        <a class="brand" href={hrefTo([])}>
          <Mark /> NetPulse
        </a>
        <nav aria-label="Views">
          {PLACES.map(({ name, label }) => (
            <a key={name} href={hrefTo([name])} aria-current={name === place ? "page" : undefined}>
              <Icon name={name} /> <span>{label}</span>
            </a>
          ))}
        </nav>
        <Foot health={healthOf({ reading, error })} onHelp={() => setHelping(true)} />
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        {viewOf(route, telemetry)}
      </main>
      {helping && <Help shortcuts={shortcuts} onClose={() => setHelping(false)} />}
    </div>
  );
}

function useTitle({ path }: Route, main: { current: HTMLElement | null }): void {
  const where = path.join("/");
  const first = useRef(true);
  useEffect(() => {
    const label = PLACES.find(({ name }) => name === (path[0] ?? "overview"))?.label ?? "NetPulse";
    document.title = `${path[1] ?? label} · NetPulse`;
    document.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
    // Whoever came here by keyboard goes on from the new view's top.
    if (!first.current) main.current?.focus();
    first.current = false;
    scrollTo(0, 0);
  }, [where]);
}

function viewOf({ path: [place = "overview", id], query }: Route, telemetry: Telemetry): ComponentChild {
  switch (place) {
    case "overview":
      return <OverviewView telemetry={telemetry} />;
    case "jobs":
      return id === undefined ? <JobsView query={query} /> : <JobView key={id} id={id} />;
    case "devices":
      return id === undefined ? <DevicesView query={query} /> : <DeviceView key={id} host={id} />;
    case "workers":
      return <WorkersView query={query} telemetry={telemetry} />;
    case "console":
      return <ConsoleView key={JSON.stringify(query)} query={query} />;
    case "batches":
      return id === undefined ? <BatchesView /> : <BatchView key={id} id={id} />;
    case "audit":
      return <AuditView query={query} />;
    default:
      return <Empty title="There is no such view">Choose one at the side.</Empty>;
  }
}

function shortcutsOf(help: () => void): Shortcut[] {
  return [
    ...PLACES.map(({ name, label, key }) => ({ keys: `g ${key}`, does: label, run: () => go([name]) })),
    { keys: "/", does: "Search", run: focusSearch },
    { keys: "j", does: "Next row", run: () => moveRow(1) },
    { keys: "k", does: "Row before", run: () => moveRow(-1) },
    { keys: "?", does: "These keys", run: help },
  ];
}

type Health = "ok" | "degraded" | "down" | "away" | "hidden" | null;

function healthOf({ reading, error }: Pick<Telemetry, "reading" | "error">): Health {
  if (error === null) return reading?.health.status ?? null;
  return error instanceof Forbidden ? "hidden" : "away";
}

interface FootProps {
  health: Health;
  onHelp(): void;
}

const HEALTH_WORDS = {
  ok: "All is well",
  degraded: "Degraded",
  down: "Something is down",
  away: "No answer",
  hidden: "Not for this key",
} as const;

function Foot({ health, onHelp }: FootProps) {
  const { end } = useSession();
  const [theme, setTheme] = useState(storedTheme());
  const turn = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
    storeTheme(next);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <div class="foot">
      <p class="health" data-health={health ?? "unknown"} role="status">
        <i /> {health === null ? "Asking…" : HEALTH_WORDS[health]}
      </p>
      <button type="button" class="quiet" onClick={turn} data-theme-switch>
        <Icon name="theme" /> <span>Theme: {theme}</span>
      </button>
      <button type="button" class="quiet" onClick={onHelp}>
        <Icon name="keyboard" /> <span>Keys</span>
      </button>
      <a class="quiet" href="swagger" target="_blank" rel="noreferrer">
        <Icon name="book" /> <span>API</span>
      </a>
      <button type="button" class="quiet" onClick={() => end(null)}>
        <Icon name="leave" /> <span>Sign out</span>
      </button>
    </div>
  );
}

function Help({ shortcuts, onClose }: { shortcuts: readonly Shortcut[]; onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys-list">
        {shortcuts.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div class="dialog-actions">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
