export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const PLACE = "netpulse.theme";

export function storedTheme(): Theme {
  const stored = localStorage.getItem(PLACE);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

export function storeTheme(theme: Theme): void {
  localStorage.setItem(PLACE, theme);
}

/** What draws by itself, as charts do, hears of it. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  changes.dispatchEvent(new Event("change"));
}

const changes = new EventTarget();
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Calls `heard` when colours have changed, whoever wished so; answers with how to stop that. */
export function onThemeChange(heard: () => void): () => void {
  changes.addEventListener("change", heard);
  dark.addEventListener("change", heard);
  return () => {
    changes.removeEventListener("change", heard);
    dark.removeEventListener("change", heard);
  };
}

/** A custom property as a colour that a canvas takes. */
export function colorOf(property: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
