/** Outlines of 24 × 24, drawn in the colour of the text. */
const PATHS = {
  overview: "M3 12h4l3-8 4 16 3-8h4",
  jobs: "M8 6h13M8 12h13M8 18h13M3 6h.01M3 12h.01M3 18h.01",
  devices: "M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01",
  workers:
    "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2",
  console: "M4 6l6 6-6 6M12 18h8",
  batches: "M12 3 3 8l9 5 9-5zM3 13l9 5 9-5",
  audit: "M12 3l8 3v6c0 4.5-3.2 7.8-8 9-4.8-1.2-8-4.5-8-9V6zM9 12l2 2 4-4",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  leave: "M15 4h4v16h-4M10 8l-4 4 4 4M6 12h10",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M7 14h10",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4",
  warning: "M12 4 2.5 20h19zM12 10v4M12 17h.01",
  check: "M5 12l5 5 9-10",
  cross: "M6 6l12 12M18 6 6 18",
  book: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11",
} as const;

export type IconName = keyof typeof PATHS;

/** Always beside words, or in what has a label of its own. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
