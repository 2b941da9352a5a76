import { expect } from "bun:test";
import { freePort } from "../../support/ports.ts";
import { call, lastOf, runPython } from "../python.ts";
import { jsonValues, runBash } from "../shell.ts";
import type { Standing } from "../standing.ts";
import type { BlockTreatments } from "../treatment.ts";
import { stepOf } from "./job-programs.ts";

/** What Prometheus 2 asks for. */
const SCRAPE =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

interface PrometheusConfig {
  scrape_configs: {
    job_name: string;
    static_configs: { targets: string[] }[];
    metrics_path: string;
    scrape_interval: string;
  }[];
}

export const HEALTH: BlockTreatments<Standing> = {
  "System Health Check › GET /health › bash 1": {
    "prints that all is well": async (scene, { text }) => {
      const { code, stdout } = await runBash(scene.fill(text));
      expect(code).toBe(0);
      expect(jsonValues(stdout)).toEqual([{ code: 200, message: "success", data: "ok" }]);
    },
  },
  "System Health Check › GET /health › json 1": {
    "is the answer, word for word": async ({ product }, { text }) => {
      const { status, body } = await product.get<string>("/health");
      expect(status).toBe(200);
      expect(body as unknown).toEqual(JSON.parse(text));
    },
  },
  "System Health Check › Usage Examples › Python Example › python 1": {
    "prints that all is well": async (scene, part) => {
      const outcome = await lastOf([stepOf(scene, part, {})]);
      expect(outcome).toMatchObject({ raised: null, printed: '"ok"\n' });
    },
    "goes on asking once a minute": async (scene, part) => {
      const pauses: number[] = [];
      const outcome = await lastOf(
        [stepOf(scene, part, {}), call("monitor_health", [])],
        ({ seconds, round }) => {
          pauses.push(seconds);
          return round < 2 ? "go on" : "stop";
        },
      );
      expect(outcome).toMatchObject({ raised: null, stopped: true });
      expect(outcome.printed).toBe(`Health Status: ok\n${"-".repeat(50)}\n`.repeat(2));
      expect(pauses).toEqual([60, 60]);
    },
    "says so when the key is wrong": async (scene, part) => {
      const wrong = { "your-api-key-here": `${scene.product.key}x` };
      const [, outcome] = await runPython([stepOf(scene, part, wrong), call("check_system_health", [])]);
      expect(outcome?.returned).toEqual({ status: "error", message: "HTTP 401" });
    },
    "says so when nothing answers": async (scene, part) => {
      const nowhere = { "localhost:9000": `localhost:${await freePort()}` };
      const [, outcome] = await runPython([stepOf(scene, part, nowhere), call("check_system_health", [])]);
      expect(outcome?.returned).toMatchObject({
        status: "error",
        message: expect.stringContaining("Connection refused"),
      });
    },
  },
  "System Health Check › Monitoring Integration › Prometheus Integration › yaml 1": {
    "names a URL that answers a scrape that carries the key": async (scene, { text }) => {
      const config = Bun.YAML.parse(scene.fill(text)) as PrometheusConfig;
      expect(config).toEqual({
        scrape_configs: [
          {
            job_name: "netpulse",
            static_configs: [{ targets: [`localhost:${new URL(scene.product.url).port}`] }],
            metrics_path: "/health",
            scrape_interval: "30s",
          },
        ],
      });
      const [scrape] = config.scrape_configs;
      const url = `http://${scrape?.static_configs[0]?.targets[0]}${scrape?.metrics_path}`;
      // `authorization` is the one way in which Prometheus can send a key.
      const headers = { Accept: SCRAPE, Authorization: `Bearer ${scene.product.key}` };
      expect((await fetch(url, { headers })).status).toBe(200);
      expect((await fetch(url, { headers: { Accept: SCRAPE } })).status).toBe(401);
    },
  },
};
