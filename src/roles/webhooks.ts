import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { presenter } from "../api/present.ts";
import type { Config } from "../config/schema.ts";
import { RequestError, StartupError } from "../core/errors.ts";
import { parseHostPatterns, parseNetworks } from "../core/networks.ts";
import { parseIntervals } from "../core/webhook.ts";
import type { Engine, JobView } from "../engine/engine.ts";
import type { Sealer } from "../engine/seal.ts";
import type { WebhookTerms } from "../engine/webhooks.ts";
import type { DeliveryMetrics } from "../observe/delivery-metrics.ts";
import { VERSION } from "../observe/version.ts";
import { Deliverer } from "../webhook/deliverer.ts";
import { send } from "../webhook/sender.ts";
import type { Base } from "./base.ts";

export function webhookTerms({ webhook }: Pick<Config, "webhook">): WebhookTerms {
  return {
    hosts: parseHostPatterns(webhook.hosts) ?? [],
    networks: webhook.networks === null ? [] : (parseNetworks(webhook.networks) ?? []),
    maxRetries: webhook.maxRetries,
    retryIntervals: parseIntervals(webhook.retryIntervals) ?? [],
  };
}

/** Where none is configured it follows from the sealing key: it is the same for all who use the store. */
export function webhookSecret({ webhook }: Pick<Config, "webhook">, sealer: Sealer): string {
  return webhook.secret ?? sealer.fingerprint("webhook signatures");
}

/** Sends deliveries of webhooks, as long as it runs. */
export function webhookDeliverer(base: Base, engine: Engine, metrics: DeliveryMetrics): Deliverer {
  const { config, clock, log, storage, sealer } = base;
  const { concurrency, perTarget, deadRetention, tlsCa } = config.webhook;
  const sender = {
    clock,
    sealer,
    webhooks: webhookTerms(config),
    view: (jobId: string) => viewOf(engine, jobId),
    resolve: async (host: string) => (await lookup(host, { all: true })).map(({ address }) => address),
    present: presenter(config.timeZone),
    secret: webhookSecret(config, sealer),
    userAgent: `NetPulse/${VERSION}`,
    deadRetentionMs: deadRetention * 1000,
    ...(tlsCa !== null && { ca: readAuthorities(tlsCa) }),
  };
  return new Deliverer({
    deliveries: storage,
    subscribe: (onHint) => storage.subscribe(onHint),
    clock,
    send: (claim, stop) => send(sender, claim, stop),
    concurrency,
    perTarget,
    onAttempt: () => metrics.begin(),
    onDead: ({ jobId, target }) =>
      log.warn("a webhook was not delivered, and is a dead letter", { job: jobId, to: target }),
    onError: (error) => log.error("webhooks are not delivered at the moment", { error }),
  });
}

async function viewOf(engine: Engine, id: string): Promise<JobView | null> {
  try {
    return await engine.job({ id, waitMs: 0, outputs: true, signal: new AbortController().signal });
  } catch (error) {
    if (error instanceof RequestError && error.kind === "not_found") return null;
    throw error;
  }
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new StartupError(`webhook.tls_ca: ${path} cannot be read`, { cause: error });
  }
}
