import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FIFO_QUEUE } from "../../../src/core/job.ts";
import { type NewWorker, succeeded } from "../../../src/storage/storage.ts";
import type { Backend } from "../../conformance/storage/fixture.ts";
import { Factory, T0 } from "../../support/factory.ts";
import { CLUSTER, PLAIN } from "./backend.ts";

describe.each([PLAIN, CLUSTER])("on $name", ({ open, stop }) => {
  let backend: Backend;
  let make: Factory;
  let worker: NewWorker;

  beforeEach(async () => {
    backend = await open();
    await backend.storage.migrate();
    make = new Factory(backend.storage);
    worker = await make.worker();
    await make.queuedAll([{}, {}, {}]);
    // A script is sent twice where the server does not know it, and what comes behind overtakes it that once.
    await make.settle((await make.mustClaim(worker)).token, succeeded());
  });
  afterEach(() => backend.dispose());
  afterAll(stop);

  test("a claim made right after a settlement is not sent before it", async () => {
    const { storage } = backend;
    const { token } = await make.mustClaim(worker);
    const settlements = [{ token, tail: new Uint8Array(), tailOffset: 0, outcome: succeeded() }];
    const settled = storage.settle({ settlements });
    const { node, incarnation, name } = worker;
    const requests = [{ worker: name, queue: FIFO_QUEUE }];
    const claims = storage.claim({ op: make.op(), node, incarnation, requests, now: T0 });
    expect(await settled).toEqual(["ok"]);
    expect(await claims).toHaveLength(1);
  });
});
