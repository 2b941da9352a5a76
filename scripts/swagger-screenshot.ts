import { startDevice } from "../test/e2e/support/device.ts";
import { on } from "../test/e2e/support/held-job.ts";
import { startChromium } from "../test/support/chromium.ts";
import { startNetpulse } from "../test/support/netpulse.ts";
import { SwaggerPage } from "../test/support/swagger-page.ts";

const PICTURE = Bun.fileURLToPath(new URL("../docs/images/swagger-ui.png", import.meta.url));

await using device = await startDevice({ host: "127.0.0.1" });
await using netpulse = await startNetpulse({ env: { NETPULSE_SERVER__API_KEY: "the-key-of-an-example" } });
await using chromium = await startChromium();
const { page } = await chromium.open();
const swagger = await SwaggerPage.open(page, netpulse.url);
await swagger.authorize(netpulse.key);
await page.setViewport({ width: 1280, height: 1900 });
const body = on(device, { command: "show clock" });
const { body: answer } = await swagger.run({ tag: "Devices", id: "execDevice" }, { body });
await netpulse.ended(JSON.parse(answer).data.id);
await page.evaluate("document.querySelector('#operations-Devices-execDevice').scrollIntoView()");
await page.screenshot({ path: PICTURE as `${string}.png` });
