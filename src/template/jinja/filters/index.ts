import type { Filters } from "../value.ts";
import { DATA_FILTERS } from "./data.ts";
import { IP_FILTERS } from "./ip.ts";
import { JSON_FILTERS } from "./json.ts";
import { MAC_FILTERS } from "./mac.ts";
import { REGEX_FILTERS } from "./regex.ts";
import { TEXT_FILTERS } from "./text.ts";
import { VLAN_FILTERS } from "./vlan.ts";

/** Every filter of ours; some stand in for the engine's. */
export const FILTERS: Filters = {
  ...TEXT_FILTERS,
  ...DATA_FILTERS,
  ...JSON_FILTERS,
  ...REGEX_FILTERS,
  ...IP_FILTERS,
  ...MAC_FILTERS,
  ...VLAN_FILTERS,
};
