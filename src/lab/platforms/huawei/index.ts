import type { CliDefinition } from "../../cli/model.ts";
import { vrpLike } from "../shared/vrp-like.ts";
import { factoryConfig, order, pager, port, refuse, save, screenLength, system, types } from "./common.ts";

const VERSION = `Huawei Versatile Routing Platform Software
VRP (R) software, Version 5.160 (S5700 V200R009C00SPC500)
Copyright (C) 2000-2016 HUAWEI TECH CO., LTD
HUAWEI S5700-28C-EI-24S Routing Switch uptime is 5 weeks, 6 days, 2 hours, 2 minutes`;

/** Huawei VRP 5.160 on an S5700. The first line of its configuration looks like a prompt. */
export const huawei: CliDefinition = vrpLike({
  name: "huawei",
  ident: "-",
  refuse,
  pager,
  greeting: () =>
    "\nInfo: The max number of VTY users is 10, and the number\n      of current VTY users on line is 1.\n      The current login time is 2021-05-28 22:43:53+00:00.\n",
  entering: "Enter system view, return user view with Ctrl+Z.",
  user: [...screenLength, { syntax: "save", run: save }],
  version: VERSION,
  header: "[V200R009C00SPC500]",
  system,
  everywhere: [],
  port,
  types,
  order,
  factory: factoryConfig,
  candidate: null,
});
