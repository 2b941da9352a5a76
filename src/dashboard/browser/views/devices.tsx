import { useState } from "preact/hooks";
import { Badge } from "../components/badge.tsx";
import { Empty, ErrorNotice, Loading } from "../components/notice.tsx";
import { SearchBox } from "../components/search-box.tsx";
import { Ago } from "../components/time.tsx";
import { count } from "../format.ts";
import { type DeviceSummary, readDevices } from "../model/devices.ts";
import { usePoll } from "../poll.ts";
import { go, hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

const EVERY_MS = 5000;
const PAGE = 100;

export function DevicesView({ query }: { query: Readonly<Record<string, string>> }) {
  const { api } = useSession();
  const { data, error } = usePoll((signal) => readDevices(api, signal), EVERY_MS, "devices");
  const [wanted, setWanted] = useState(query.q ?? "");
  const found = (data ?? []).filter(({ host }) => host.includes(wanted.trim().toLowerCase()));
  const submit = (text: string) => {
    const [first, ...others] = found;
    const host = others.length === 0 && first !== undefined && text === wanted.trim() ? first.host : text;
    if (host !== "") go(["devices", host]);
  };
  return (
    <>
      <header class="head">
        <h1>Devices</h1>
        <p class="muted">of the latest 1,000 jobs, of workers, and of known host keys</p>
      </header>
      <SearchBox label="Device; Enter opens it" value={wanted} set={setWanted} onSubmit={submit} />
      <ErrorNotice error={error} doing="list devices" />
      {data === null ? error === null && <Loading /> : <DeviceTable devices={found} wanted={wanted} />}
    </>
  );
}

function DeviceTable({ devices, wanted }: { devices: DeviceSummary[]; wanted: string }) {
  const [shown, setShown] = useState(PAGE);
  if (devices.length === 0) {
    return wanted === "" ? (
      <Empty title="No device is known yet">
        Devices appear with their first job. Run one from the <a href={hrefTo(["console"])}>console</a>.
      </Empty>
    ) : (
      <Empty title="None of these is called so">Enter looks for the jobs of exactly this device.</Empty>
    );
  }
  return (
    <>
      <div class="table-wrap panel">
        <table class="rows">
          <thead>
            <tr>
              <th class="wide">Device</th>
              <th>Session</th>
              <th>Breaker</th>
              <th class="number">Queued</th>
              <th>Last jobs</th>
              <th>Last one</th>
            </tr>
          </thead>
          <tbody>
            {devices.slice(0, shown).map((device) => (
              <DeviceRow key={device.host} device={device} />
            ))}
          </tbody>
        </table>
      </div>
      {devices.length > shown && (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          Show more of {count(devices.length)}
        </button>
      )}
    </>
  );
}

function DeviceRow({ device }: { device: DeviceSummary }) {
  const [last] = device.jobs;
  return (
    <tr>
      <td class="wide">
        <a data-row href={hrefTo(["devices", device.host])}>
          {device.host}
        </a>
      </td>
      <td>
        <Badge of={device.session} />
      </td>
      <td>
        <Badge of={`breaker-${device.breaker}`}>{device.breaker}</Badge>
      </td>
      <td class="number">{count(device.queued)}</td>
      <td>
        <LastJobs device={device} />
      </td>
      <td>
        <Ago at={last?.created_at ?? null} />
      </td>
    </tr>
  );
}

/** One mark for each, the latest at the right. */
function LastJobs({ device: { jobs } }: { device: DeviceSummary }) {
  if (jobs.length === 0) return <span class="muted">–</span>;
  return (
    <span class="marks">
      {jobs.toReversed().map(({ id, status }) => (
        <a key={id} data-state={status} href={hrefTo(["jobs", id])} title={`${status}: ${id}`}>
          <span class="visually-hidden">{status}</span>
        </a>
      ))}
    </span>
  );
}
