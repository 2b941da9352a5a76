import type { ElementHandle, Page } from "puppeteer-core";

const WAIT = { timeout: 30_000 };

/** The dashboard in a browser, as a person uses it. */
export class DashboardPage {
  readonly page: Page;
  readonly #url: string;

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
  }

  /** Opens the page and gives the key. */
  static async open(page: Page, { url, key }: { url: string; key: string }): Promise<DashboardPage> {
    await page.goto(`${url}/`);
    const dashboard = new DashboardPage(page, url);
    await dashboard.signIn(key);
    await page.waitForSelector(".shell", WAIT);
    return dashboard;
  }

  async signIn(key: string): Promise<void> {
    await this.page.locator("#key").fill(key);
    await this.page.locator(".sign-in button[type=submit]").click();
  }

  /** Goes to a view by its address, as `jobs?status=failed`. */
  async go(view: string): Promise<void> {
    await this.page.goto(`${this.#url}/#/${view}`);
  }

  /** Until the view says so. */
  async says(text: string | RegExp, within = "main"): Promise<void> {
    const source = typeof text === "string" ? RegExp.escape(text) : text.source;
    await this.page.waitForFunction(
      `new RegExp(${JSON.stringify(source)}, "s").test(document.querySelector(${JSON.stringify(within)})?.innerText ?? "")`,
      WAIT,
    );
  }

  async text(selector = "main"): Promise<string> {
    return String(await this.page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`));
  }

  /** A button, or a link that looks like one, by what it says. */
  async press(name: string, within = "body"): Promise<void> {
    const found = await this.page.waitForFunction(
      `[...document.querySelectorAll(${JSON.stringify(within)} + " :is(button, a, summary, label)")].find(
        (each) => (each.ariaLabel ?? each.innerText).trim() === ${JSON.stringify(name)} && each.checkVisibility() && !each.disabled
      )`,
      WAIT,
    );
    await (found.asElement() as ElementHandle | null)?.click();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).setTimeout(WAIT.timeout).fill(text);
  }

  /** The console, filled in for a device. */
  async fillConsole(login: Record<string, unknown>, lines: string): Promise<void> {
    await this.page.waitForSelector("#text", WAIT);
    for (const name of ["host", "port", "device_type", "username", "password", "secret"]) {
      const field = `#connection_args-${name}`;
      if (login[name] !== undefined && (await this.page.$(field)) !== null)
        await this.fill(field, String(login[name]));
    }
    await this.fill("#text", lines);
  }

  /** What has the focus, by its tag and its name. */
  async focused(): Promise<string> {
    return String(
      await this.page.evaluate(`(() => {
        const { tagName, ariaLabel, innerText } = document.activeElement;
        return tagName.toLowerCase() + " " + (ariaLabel ?? innerText ?? "").trim();
      })()`),
    );
  }
}
