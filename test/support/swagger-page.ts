import type { ElementHandle, Page } from "puppeteer-core";

/** What an operation's answer shows on the page. */
export interface Shown {
  status: string;
  body: string;
}

/** The Swagger UI in a browser, as a person uses it. */
export class SwaggerPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(page: Page, url: string): Promise<SwaggerPage> {
    await page.goto(`${url}/swagger`);
    await page.waitForSelector(".opblock");
    return new SwaggerPage(page);
  }

  /** The operations it lists, as `GET /health`. */
  async operations(): Promise<string[]> {
    return await this.#page.$$eval(".opblock-summary", (blocks) =>
      blocks.map((block) => {
        const text = (part: string) => block.querySelector(part)?.textContent?.replaceAll("\u200b", "") ?? "";
        return `${text(".opblock-summary-method")} ${text(".opblock-summary-path")}`;
      }),
    );
  }

  /** Enters the key where the page asks for it. */
  async authorize(key: string): Promise<void> {
    await this.#page.locator(".auth-wrapper .btn.authorize").click();
    await this.#page.locator(".auth-container input").fill(key);
    await this.#page.locator(".auth-container .btn.authorize").click();
    await this.#page.locator(".auth-container .btn:not(.authorize)").wait();
    await this.#page.locator(".auth-btn-wrapper .btn-done").click();
  }

  /** Opens an operation, fills in what is given, runs it and waits for the answer. */
  async run(
    operation: { tag: string; id: string },
    given: { body?: unknown; parameters?: Record<string, string> } = {},
  ): Promise<Shown> {
    const block = `#operations-${operation.tag.replaceAll(" ", "_")}-${operation.id}`;
    if ((await this.#page.$(`${block}.is-open`)) === null) {
      await this.#page.locator(`${block} .opblock-summary-control`).click();
    }
    if (given.body !== undefined) {
      await this.#fillBody(`${block} textarea.body-param__text`, JSON.stringify(given.body, null, 2));
    }
    for (const [name, value] of Object.entries(given.parameters ?? {})) {
      await this.#page.locator(`${block} tr[data-param-name="${name}"] input`).fill(value);
    }
    const before = await this.#page.$(`${block} .btn-clear`);
    await before?.click();
    await this.#page.locator(`${block} .btn.execute`).click();
    const answer = await this.#page.waitForSelector(`${block} .live-responses-table`, { timeout: 40_000 });
    await answer?.scrollIntoView();
    return await shown(answer);
  }

  /** Over the example, once that is there: it would replace what comes before it. */
  async #fillBody(field: string, text: string): Promise<void> {
    const wanted = JSON.stringify(text);
    const isField = (condition: string) =>
      this.#page.waitForFunction(`document.querySelector(${JSON.stringify(field)})?.value${condition}`);
    await isField('?.includes("{")');
    // Typed as a person would: the page does not notice what a script puts there.
    await this.#page.focus(field);
    await this.#page.keyboard.down("Control");
    await this.#page.keyboard.press("a");
    await this.#page.keyboard.up("Control");
    await this.#page.keyboard.sendCharacter(text);
    await isField(` === ${wanted}`);
  }
}

async function shown(answer: ElementHandle | null): Promise<Shown> {
  if (answer === null) throw new Error("the page shows no answer");
  return await answer.evaluate((table) => ({
    status: table.querySelector(".response .response-col_status")?.textContent?.trim() ?? "",
    body: table.querySelector(".response .highlight-code pre")?.textContent ?? "",
  }));
}
