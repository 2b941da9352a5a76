import { afterAll } from "bun:test";
import { startApi } from "../../../src/api/server.ts";
import { type ClientOptions, Netpulse } from "../../../src/client/index.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { openFileFolder } from "../../../src/files/folder.ts";
import { DRIVERS, KEY, SETTINGS, TestApi } from "../../api/client.ts";
import { tempDir } from "../../support/tempdir.ts";
import { type FaultyWay, startFaultyWay } from "./faulty-way.ts";

const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

/** A real API on a real port, over an engine in memory, and a client that reaches it over a faulty way. */
export interface ClientWorld extends Pick<TestApi, "engine" | "hostKeys" | "audit"> {
  client: Netpulse;
  url: string;
  way: FaultyWay;
  /** Closes the API's port, and what it has open. */
  stop(): Promise<void>;
}

export async function clientWorld(options: Partial<ClientOptions> = {}): Promise<ClientWorld> {
  const folder = tempDir("files");
  const files = await openFileFolder({ dir: folder.path, maxSize: 1024 * 1024 });
  const settings = { server: { ...SETTINGS.server, maxStreams: 100 } };
  const { engine, hostKeys, audit, deps } = new TestApi(settings, DRIVERS, files);
  const api = await startApi({ ...deps, clock: systemClock });
  const way = await startFaultyWay(api.url);
  ends.push(() => way.stop(), api.stop, folder.remove);
  const client = new Netpulse({ url: way.url, apiKey: KEY, random: hasty, ...options });
  return { engine, hostKeys, audit, client, url: api.url, way, stop: api.stop };
}

/** The shortest pauses there are, and keys that differ all the same. */
export function hasty(bytes: Uint8Array<ArrayBuffer>): void {
  if (bytes.length > 4) crypto.getRandomValues(bytes);
  else bytes.fill(0);
}

/** A server that answers as it is told, oldest first, and notes what it was asked. */
export interface ScriptedServer {
  url: string;
  requests: { url: string; headers: Headers }[];
}

export function scriptedServer(...answers: (() => Response)[]): ScriptedServer {
  const requests: ScriptedServer["requests"] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      requests.push({ url: request.url, headers: new Headers(request.headers) });
      return (answers.shift() ?? (() => new Response("no more answers", { status: 418 })))();
    },
  });
  ends.push(() => server.stop(true));
  return { url: server.url.origin, requests };
}

export const EXEC = {
  driver: "cli",
  connection_args: { host: "192.0.2.1" },
  command: "show version",
};
