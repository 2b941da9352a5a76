/** An entry of a bulk request's `devices`. */
export type DeviceEntry = { host: string } & Record<string, string | number>;

export interface DeviceList {
  devices: DeviceEntry[];
  /** One line for each that cannot be read. */
  wrong: string[];
}

/**
 * One device a line: `host`, `host:port`, `[2001:db8::1]:port`. Where the first line has a column called `host`, lines are
 * CSV of its columns, which are connection arguments; in quotes where they hold a comma.
 */
export function parseDevices(text: string): DeviceList {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [first = ""] = lines;
  const columns = cells(first);
  return columns.includes("host") ? ofTable(columns, lines.slice(1)) : ofAddresses(lines);
}

function ofAddresses(lines: string[]): DeviceList {
  const list: DeviceList = { devices: [], wrong: [] };
  for (const line of lines) {
    const [, bracketed, plain, port] =
      /^(?:\[([^\]]+)\]|([^\s,:]+|[^\s,[\]]*:[^\s,[\]]*:[^\s,[\]]*))(?::(\d+))?$/.exec(line) ?? [];
    const host = bracketed ?? plain;
    if (host === undefined) list.wrong.push(`“${line}” is no host, and no host:port`);
    else list.devices.push(port === undefined ? { host } : { host, port: Number(port) });
  }
  return list;
}

function ofTable(columns: string[], lines: string[]): DeviceList {
  const list: DeviceList = { devices: [], wrong: [] };
  for (const line of lines) {
    const values = cells(line);
    const pairs = values.map((value, place): [string, string | number] => {
      const column = columns[place] ?? "";
      return [column, column === "port" && /^\d+$/.test(value) ? Number(value) : value];
    });
    const { host = "", ...others } = Object.fromEntries(pairs.filter(([, value]) => value !== ""));
    if (host === "" || values.length > columns.length)
      list.wrong.push(`“${line}” does not fit the first line`);
    else list.devices.push({ host: String(host), ...others });
  }
  return list;
}

function cells(line: string): string[] {
  return [...`${line},`.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*|([^,]*)),/g)].map(([, quoted, plain = ""]) =>
    quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
  );
}

/** Where a job's device is beyond its host, as far as its queue says: `pinned_{site}/{host}:{port}`, `FifoQ_{site}`. */
export function placeOf({ queue, host }: { queue: string; host: string }): { port?: string; site?: string } {
  const fifo = /^FifoQ_(.+)$/.exec(queue)?.[1];
  if (fifo !== undefined) return { site: fifo };
  const [, site, rest = ""] = /^pinned_(?:([^/]+)\/)?(.*)$/.exec(queue) ?? [];
  const port =
    rest.startsWith(host) || rest.startsWith("[") ? /(?:^|\]|[^:]):(\d+)$/.exec(rest)?.[1] : undefined;
  return { ...(site !== undefined && { site }), ...(port !== undefined && { port }) };
}
