import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colorOf, onThemeChange } from "../theme.ts";

export interface Series {
  label: string;
  /** A custom property. */
  color: string;
  values: (number | null)[];
  filled?: boolean;
}

interface ChartProps {
  title: string;
  /** Unix time, seconds. */
  times: number[];
  series: Series[];
  format(value: number): string;
}

const HEIGHT = 168;
/** A few readings do not fill the whole width. */
const LEAST_S = 180;

/** Lines over time, with their latest values, or those under the pointer, in words. */
export function Chart({ title, times, series, format }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onThemeChange(() => setTheme((before) => before + 1)), []);

  // Made anew for other colours alone: data come by themselves.
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new UPlot(
      optionsOf(series, format, element.clientWidth, setAt),
      dataOf(times, series),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [theme]);

  useEffect(() => plot.current?.setData(dataOf(times, series)), [times, series]);

  const index = at ?? times.length - 1;
  const shownOf = ({ values }: Series) => {
    const value = at === null ? values.findLast((each) => each !== null) : values[index];
    return value === null || value === undefined ? "–" : format(value);
  };
  const words = series.map((each) => `${each.label} ${shownOf(each)}`).join(", ");
  return (
    <figure class="panel chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="legend">
          {series.map((each) => (
            <li key={each.label}>
              <i data-color={each.color} />
              {each.label} <b>{shownOf(each)}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${title}: ${words}`} />
    </figure>
  );
}

function dataOf(times: number[], series: Series[]): UPlot.AlignedData {
  return [times, ...series.map(({ values }) => values)];
}

function optionsOf(
  series: Series[],
  format: (value: number) => string,
  width: number,
  onPoint: (index: number | null) => void,
): UPlot.Options {
  const [grid, text] = [colorOf("--line"), colorOf("--muted")];
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { range: (_plot, min, max) => [Math.min(min, max - LEAST_S), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, Number.EPSILON) * 1.15 || 1] },
    },
    axes: [
      { ...axis, size: 26, space: 70, values: (_plot, at) => at.map(hourAndMinute) },
      { ...axis, size: 58, space: 34, values: (_plot, values) => values.map(format) },
    ],
    series: [{}, ...series.map(lineOf)],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

function lineOf({ label, color, filled }: Series): UPlot.Series {
  const stroke = colorOf(color);
  return {
    label,
    stroke,
    width: 1.75,
    spanGaps: true,
    points: { show: false },
    ...(filled && { fill: colorOf(`${color}-weak`) }),
  };
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });

function hourAndMinute(at: number): string {
  return clock.format(new Date(at * 1000));
}
