import { TemplateError } from "../../../core/errors.ts";

/** More than all VLANs of all interfaces of a device; `1-999999999` is not made. */
const MAX_ITEMS = 100_000;

/** `8,10-13` becomes `8,10,11,12,13`; what has no numbers around the range's sign stays as it is. */
export function unrange(value: string, rangeChar: string, joinChar: string): string {
  if (rangeChar === "" || joinChar === "")
    throw new TemplateError("its rangechar and joinchar are not empty");
  if (!value.includes(rangeChar)) return value;
  const items: string[] = [];
  for (const item of value.split(joinChar)) {
    if (item === "") continue;
    const ends = item.split(rangeChar);
    if (ends.length > 1 && !ends.every((end) => /^\s*[0-9]{1,15}\s*$/.test(end))) return value;
    items.push(...(ends.length > 1 ? between(ends, MAX_ITEMS - items.length) : [item]));
  }
  return items.join(joinChar);
}

function between(ends: readonly string[], room: number): string[] {
  const items = [ends[0] ?? ""];
  for (const [at, end] of ends.entries()) {
    if (at === 0) continue;
    const from = Number(ends[at - 1]) + 1;
    if (Number(end) - from + items.length >= room) {
      throw new TemplateError(`the ranges have more than ${MAX_ITEMS} items`);
    }
    for (let number = from; number < Number(end); number++) items.push(String(number));
    items.push(end);
  }
  return items;
}
