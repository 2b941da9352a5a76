import type { Filled } from "./fill.ts";
import { BIG_HOST, hostName, queueOf, SPREAD_MS } from "./stock.ts";

/** One listing that people ask for: `GET /job?<query>`. */
export interface Probe {
  /** As in `host (half of all) and status=failed`. */
  name: string;
  query: string;
  /** Nothing matches, and the store has to find that out. */
  empty: boolean;
}

/** Every filter, alone and together with others, and combinations that nothing matches. */
export function probes({ fifoWorker, pinnedWorker, batch, until }: Filled): Probe[] {
  const small = hostName(4);
  const at = (share: number) => new Date(until - SPREAD_MS * (1 - share)).toISOString();
  const listed = (name: string, query: Record<string, string>): Probe => {
    return { name, query: new URLSearchParams(query).toString(), empty: false };
  };
  const empty = (name: string, query: Record<string, string>): Probe => ({
    ...listed(name, query),
    empty: true,
  });
  const big = { host: BIG_HOST };
  return [
    listed("everything", {}),
    listed("everything, oldest first", { order: "asc" }),
    listed("status=finished", { status: "finished" }),
    listed("status=finished, oldest first", { status: "finished", order: "asc" }),
    listed("status=failed", { status: "failed" }),
    listed("status=cancelled", { status: "cancelled" }),
    listed("status=queued", { status: "queued" }),
    listed("queue=FifoQ", { queue: "FifoQ" }),
    listed("queue=pinned_…", { queue: queueOf(small) }),
    listed("host (half of all)", big),
    listed("host (one of 200)", { host: small }),
    listed("node (one of 4)", { node: "node-1" }),
    listed("worker (FIFO)", { worker: fifoWorker }),
    listed("worker (pinned)", { worker: pinnedWorker }),
    listed("driver=netmiko", { driver: "netmiko" }),
    listed("driver=pyeapi", { driver: "pyeapi" }),
    listed("batch_id", { batch_id: batch }),
    listed("since (the newer half)", { since: at(0.5) }),
    listed("until (the older half)", { until: at(0.5) }),
    listed("since and until (a tenth)", { since: at(0.4), until: at(0.5) }),
    listed("host (half of all), status=finished", { ...big, status: "finished" }),
    listed("host (one of 200), status=failed", { host: small, status: "failed" }),
    listed("queue=FifoQ, status=failed", { queue: "FifoQ", status: "failed" }),
    listed("node, status=failed", { node: "node-1", status: "failed" }),
    listed("worker (FIFO), status=failed", { worker: fifoWorker, status: "failed" }),
    listed("driver=netmiko, status=cancelled", { driver: "netmiko", status: "cancelled" }),
    listed("node, driver=pyeapi", { node: "node-1", driver: "pyeapi" }),
    listed("status=failed, until (the older half)", { status: "failed", until: at(0.5) }),
    empty("status=started, queue=pinned_…", { status: "started", queue: queueOf(small) }),
    empty("host (half of all), status=failed", { ...big, status: "failed" }),
    empty("host (half of all), status=cancelled", { ...big, status: "cancelled" }),
    empty("host (half of all), driver=paramiko", { ...big, driver: "paramiko" }),
    empty("host (half of all), driver=paramiko, oldest first", { ...big, driver: "paramiko", order: "asc" }),
    empty("host (half of all), queue=pinned_…", { ...big, queue: queueOf(small) }),
    empty("host (half of all), node, status=failed", { ...big, node: "node-1", status: "failed" }),
    empty("node, status=cancelled", { node: "node-1", status: "cancelled" }),
    empty("worker (FIFO), queue=pinned_…", { worker: fifoWorker, queue: queueOf(small) }),
    empty("worker (pinned), host of another", { worker: pinnedWorker, host: hostName(5) }),
    empty("batch_id, host (half of all)", { batch_id: batch, ...big }),
    empty("driver=pyeapi, queue=pinned_…, status=cancelled", {
      driver: "pyeapi",
      queue: queueOf(hostName(1)),
      status: "cancelled",
    }),
    empty("status=finished, until before all", { status: "finished", until: at(-1) }),
    empty("host that nobody knows", { host: "10.1.2.3" }),
  ];
}
