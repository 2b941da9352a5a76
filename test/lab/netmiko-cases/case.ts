/** What netmiko is told to do with a device. */
export interface Steps {
  enable: boolean;
  show: string;
  refused: string;
  lines: string[];
  commit: boolean;
  /** What is typed, where netmiko does not do it by itself. */
  save: "save_config" | string[] | null;
  /** Shows what the lines have done. */
  section: string;
}

export type NetmikoCase = [
  deviceType: string,
  steps: Steps,
  seen: { prompt: string | RegExp; left?: string; show: string; refused: string; section: string },
];
