import { inNamespace, ip, makeNamespace, removeNamespace } from "./namespaces.ts";

/** What a machine is connected to, each by a wire of its own that can be pulled. */
export type Wire = "store" | "devices" | "clients";

/** Where Redis listens. */
export const STORE_ADDRESS = "10.1.0.1";
const NETWORK: Record<Wire, number> = { store: 1, devices: 2, clients: 3 };

/** Where the device of that number listens, counted from 0. */
export function deviceAddress(index: number): string {
  return `10.2.0.${index + 1}`;
}

/**
 * Machines, each a namespace that is wired to the one this process is in, where Redis, devices and clients are. That must
 * be a namespace of its own (`own-network.ts`): the addresses are the same every time.
 */
export class Network {
  readonly #machines: Machine[] = [];

  static async open(devices: number): Promise<Network> {
    const addresses = [STORE_ADDRESS, ...Array.from({ length: devices }, (_, n) => deviceAddress(n))];
    for (const address of addresses) await ip("address", "add", `${address}/32`, "dev", "lo");
    return new Network();
  }

  async machine(wires: readonly Wire[]): Promise<Machine> {
    const machine = new Machine(await makeNamespace(), this.#machines.length + 1);
    this.#machines.push(machine);
    for (const wire of wires) await machine.connect(wire);
    return machine;
  }

  async close(): Promise<void> {
    for (const machine of this.#machines) await removeNamespace(machine.namespace);
  }
}

export class Machine {
  readonly namespace: string;
  readonly #number: number;

  constructor(namespace: string, number: number) {
    this.namespace = namespace;
    this.#number = number;
  }

  /** Its address on that wire. */
  address(wire: Wire): string {
    return `10.${NETWORK[wire]}.${this.#number}.2`;
  }

  /** The command line that runs `command` on it. */
  command(command: string[]): string[] {
    return inNamespace(this.namespace, command);
  }

  /** Pulls the wire: what is on its way is lost, and nobody is told. */
  async cut(wire: Wire): Promise<void> {
    await ip("link", "set", this.#plug(wire), "down");
  }

  async heal(wire: Wire): Promise<void> {
    await ip("link", "set", this.#plug(wire), "up");
  }

  async connect(wire: Wire): Promise<void> {
    const { namespace } = this;
    const [plug, network] = [this.#plug(wire), `10.${NETWORK[wire]}`];
    const gateway = `${network}.${this.#number}.1`;
    await ip("link", "add", plug, "type", "veth", "peer", "name", wire, "netns", namespace);
    await ip("address", "add", `${gateway}/30`, "dev", plug);
    await ip("-n", namespace, "address", "add", `${this.address(wire)}/30`, "dev", wire);
    await ip("-n", namespace, "link", "set", wire, "up");
    await ip("link", "set", plug, "up");
    if (wire !== "clients") await ip("-n", namespace, "route", "add", `${network}.0.0/24`, "via", gateway);
  }

  /** The end of the wire that is on our side. */
  #plug(wire: Wire): string {
    return `${wire}${this.#number}`;
  }
}
