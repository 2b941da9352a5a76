import { operation } from "../../openapi.ts";

export const metricsText = {
  type: "text/plain",
  example:
    "# HELP netpulse_up 1 when all is well, 0 when something is down; /health says what.\n# TYPE netpulse_up gauge\nnetpulse_up 1\n",
};

export const metricsDocs = operation({
  id: "getMetrics",
  tag: "Health",
  scope: ["read"],
  summary: "Metrics for Prometheus",
  description:
    "In Prometheus' text format, 200 also when something is down (`netpulse_up 0`). `/health` answers the same to who asks for it in `Accept`.",
  success: { status: 200, description: "The metrics.", text: metricsText },
  failures: [422],
});
