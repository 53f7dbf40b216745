/** A chart, with only the parts of the library that the pages use; loaded by the page that shows one. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useLook } from "./look";

use([BarChart, LineChart, GridComponent, TooltipComponent, LegendComponent, CanvasRenderer]);

/** The same values as in `shell.css`; the canvas cannot read custom properties by itself. */
const COLOURS = {
  light: { ink: "#17202b", ink2: "#4a5767", line: "#dbe1e8", line2: "#b9c3cf", panel: "#ffffff", accent: "#1756a9", red: "#b3261e", amber: "#c98411", green: "#2e8b57", grey: "#9aa7b5" },
  dark: { ink: "#e6ecf2", ink2: "#b6c2cf", line: "#283441", line2: "#3c4a59", panel: "#1b2530", accent: "#7db8ff", red: "#ff8a80", amber: "#f0b64a", green: "#6fcf97", grey: "#6d7c8c" },
};
export type ChartColour = "accent" | "red" | "amber" | "green" | "grey";

export interface ChartSeries {
  name: string;
  colour: ChartColour;
  /** Milliseconds since 1970, and a count. */
  points: [number, number][];
  kind?: "line" | "bar" | "area";
  stack?: string;
}

interface ChartProps {
  series: ChartSeries[];
  /** What the picture shows, in words, for those who do not see it. */
  label: string;
  /** Pixels; without it the chart fills its place. */
  height?: number;
  /** How many times larger type and strokes are: a wall is read from across the room. */
  scale?: number;
  timeText: (ms: number) => string;
}

export default function Chart({ series, label, height, scale = 1, timeText }: ChartProps) {
  const look = useLook();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = init(element, undefined, { renderer: "canvas" });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current = null;
      made.dispose();
    };
  }, []);
  useEffect(() => {
    const c = COLOURS[look];
    const fontFamily = getComputedStyle(document.body).fontFamily;
    const text = { color: c.ink2, fontFamily, fontSize: 11 * scale };
    const option: EChartsCoreOption = {
      animation: false,
      textStyle: { fontFamily },
      grid: { left: 8 * scale, right: 14 * scale, top: 34 * scale, bottom: 4 * scale, containLabel: true },
      legend: { top: 2, left: 0, icon: "roundRect", itemWidth: 12 * scale, itemHeight: 8 * scale, itemGap: 14 * scale, textStyle: { ...text, color: c.ink } },
      tooltip: { trigger: "axis", backgroundColor: c.panel, borderColor: c.line2, textStyle: { color: c.ink, fontFamily, fontSize: 12 * scale }, axisPointer: { type: "line", lineStyle: { color: c.line2 } } },
      xAxis: { type: "time", axisLabel: { ...text, formatter: timeText, hideOverlap: true }, axisLine: { lineStyle: { color: c.line2 } }, axisTick: { show: false }, splitLine: { show: false } },
      yAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: c.line } } },
      series: series.map((one) => ({
        name: one.name, type: one.kind === "bar" ? "bar" : "line", data: one.points, stack: one.stack, symbol: "none", step: false,
        itemStyle: { color: c[one.colour] }, lineStyle: { color: c[one.colour], width: 2 * scale }, barMaxWidth: 18 * scale,
        ...(one.kind === "area" ? { areaStyle: { color: c[one.colour], opacity: one.stack ? 0.85 : 0.18 }, lineStyle: { color: c[one.colour], width: one.stack ? 0 : 2 * scale } } : {}),
      })),
    };
    chart.current?.setOption(option, { notMerge: true });
  }, [look, scale, series, timeText]);
  return <div ref={box} role="img" aria-label={label} style={{ width: "100%", height: height ?? "100%" }} />;
}
