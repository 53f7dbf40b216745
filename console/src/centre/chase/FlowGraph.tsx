/** Draws the chase with a library made for large graphs; the picture's places come from the levels, not from forces. */
import Graph from "graphology";
import { useEffect, useMemo, useRef, useState } from "react";
import Sigma from "sigma";
import type { NodeLabelDrawingFunction } from "sigma/rendering";
import type { Chase } from "../../api/types";
import { accountTail, formatMoney, magnitude } from "../../shell/format";
import { useLang, useT, useWord } from "../../shell/i18n";
import { usePartners } from "../../shell/partners";
import { useLook } from "../../shell/look";
import { pictureOf, placeOf, sizeOf, VICTIM, type Look, type PictureNode } from "./levels";
import { CHASE, EXITS } from "./texts";

/** The same values as in `shell.css`; the canvas cannot read custom properties by itself. */
const COLOURS = {
  light: { victim: "#4a5767", moving: "#8a5700", stopped: "#17663a", passed: "#7d8a99", out: "#b3261e", more: "#1756a9", edge: "#a9b6c4", thin: "#d3dae2", lit: "#1756a9", dim: "#e3e8ee", ink: "#17202b", ink2: "#4a5767", paper: "#ffffff", sign: "#ffffff" },
  dark: { victim: "#b6c2cf", moving: "#f0b64a", stopped: "#6fcf97", passed: "#7f8e9e", out: "#ff8a80", more: "#7db8ff", edge: "#4a5a6b", thin: "#2c3845", lit: "#7db8ff", dim: "#222d39", ink: "#e6ecf2", ink2: "#b6c2cf", paper: "#151d26", sign: "#0d1319" },
};
/** Lines below this share of the thickest are drawn pale, so that many of them make no fog. */
const THIN_SHARE = 0.02;
const SIGNS: Record<Look, string> = { victim: "◆", moving: "●", stopped: "■", passed: "›", out: "▲", more: "+" };

interface FlowGraphProps {
  chase: Chase;
  selected: string | null;
  onSelect: (key: string | null) => void;
  onFilter: (level: number) => void;
  opened: ReadonlySet<number>;
  onOpen: (level: number) => void;
}

type Labelled = Pick<Attributes, "label" | "short" | "amount">;

interface Attributes {
  x: number;
  y: number;
  size: number;
  color: string;
  label: string;
  second: string;
  sign: string;
  /** One line for both texts, where two would run into the neighbours. */
  tight: boolean;
  /** What stands for the label where there is no room for it. */
  short: string;
  amount: string;
  column: number;
  /** Pixels up to the next column. */
  room: number;
  forceLabel: boolean;
  zIndex: number;
}

export default function FlowGraph({ chase, selected, onSelect, onFilter, opened, onOpen }: FlowGraphProps) {
  const t = useT(CHASE);
  const lang = useLang();
  const word = useWord();
  const look = useLook();
  const { nameOf, all } = usePartners();
  const box = useRef<HTMLDivElement>(null);
  const sigma = useRef<Sigma | null>(null);
  const heads = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [failed, setFailed] = useState(false);
  const [hovered, setHovered] = useState<string | null>(null);
  const picture = useMemo(() => pictureOf(chase.accounts_found, chase.transfers, chase.payments, opened, selected), [chase, opened, selected]);
  const colours = COLOURS[look];
  const currency = chase.reported.currency;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const acts = useRef({ onSelect, onFilter, onOpen, picture });
  acts.current = { onSelect, onFilter, onOpen, picture };

  useEffect(() => {
    const element = box.current;
    if (!element || !size || size.width < 50) return;
    const graph = new Graph<Attributes, { size: number; color: string; zIndex: number }>({ type: "directed" });
    const sum = (minor: number) => magnitude({ minor, currency }, lang) ?? formatMoney({ minor, currency });
    const nameOfNode = (node: PictureNode): string => {
      if (node.id === VICTIM || node.look === "victim") return t("victim");
      if (node.exit) return word(EXITS, node.exit);
      if (node.count) return t("more", { n: node.count });
      const bank = nameOf(node.account?.bank, node.account?.bank_name);
      return `${lang === "zh" ? bank.slice(0, 4) : bank.split(" ")[0]} *${accountTail(node.account?.account ?? "")}`;
    };
    const columnGap = (size.width - 144) / Math.max(1, picture.columns.length - 1);
    for (const node of picture.nodes) {
      const place = placeOf(node, picture.columns.length, size);
      const crowded = node.rows > 16;
      graph.addNode(node.id, {
        ...place,
        size: node.look === "more" ? 9 : sizeOf(node.minor, picture.minorMax, crowded ? 3 : 5, crowded ? 6 : 11),
        color: colours[node.look],
        label: nameOfNode(node),
        second: node.count ? `${sum(node.minor)} · ${t("moreHint")}` : sum(node.minor),
        sign: crowded ? "" : SIGNS[node.look],
        tight: size.height / node.rows < 34,
        column: node.column,
        short: node.count ? t("more", { n: node.count }) : node.account ? `*${accountTail(node.account.account)}` : nameOfNode(node),
        amount: sum(node.minor),
        room: node.column === picture.columns.length - 1 ? 200 : columnGap - 22,
        forceLabel: node.rows <= 24,
        zIndex: 1,
      });
    }
    const columnNodes = new Map<number, Labelled[]>();
    graph.forEachNode((_node, attributes) => columnNodes.set(attributes.column, [...(columnNodes.get(attributes.column) ?? []), attributes]));
    for (const edge of picture.edges) {
      if (graph.hasNode(edge.from) && graph.hasNode(edge.to)) graph.mergeEdge(edge.from, edge.to, { size: sizeOf(edge.minor, picture.minorMax, 0.8, 7), color: edge.minor < picture.minorMax * THIN_SHARE ? colours.thin : colours.edge, zIndex: 0 });
    }
    const drawLabel: NodeLabelDrawingFunction = (context, data) => {
      const node = data as unknown as Attributes & { x: number; y: number; faded?: boolean };
      context.textBaseline = "middle";
      if (node.sign) {
        context.font = `${Math.max(8, node.size)}px sans-serif`;
        context.fillStyle = colours.sign;
        context.textAlign = "center";
        context.fillText(node.sign, node.x, node.y + 0.5);
      }
      if (node.faded) return;
      context.textAlign = "left";
      const left = node.x + node.size + 5;
      context.lineWidth = 3.5;
      context.strokeStyle = colours.paper;
      context.lineJoin = "round";
      const line = (text: string, y: number, font: string, colour: string) => {
        context.font = font;
        context.strokeText(text, left, y);
        context.fillStyle = colour;
        context.fillText(text, left, y);
      };
      const family = getComputedStyle(document.body).fontFamily;
      if (node.tight) {
        context.font = `11px ${family}`;
        const room = node.room / (sigma.current?.getCamera().ratio ?? 1);
        // One wording for the whole column, so that it reads as a column.
        const wordings = [(one: Labelled) => `${one.label}  ${one.amount}`, (one: Labelled) => `${one.short}  ${one.amount}`, (one: Labelled) => one.short];
        const fits = wordings.find((wording) => (columnNodes.get(node.column) ?? []).every((one) => context.measureText(wording(one)).width <= room));
        if (fits) line(fits(node), node.y, `11px ${family}`, colours.ink);
        return;
      }
      line(node.label, node.y - 6, `12px ${family}`, colours.ink);
      line(node.second, node.y + 7, `11px ${family}`, colours.ink2);
    };
    let made: Sigma;
    try {
      made = new Sigma(graph as never, element, {
        autoRescale: true,
        autoCenter: true,
        stagePadding: 0,
        defaultEdgeType: "arrow",
        zIndex: true,
        labelRenderedSizeThreshold: 0,
        minCameraRatio: 0.2,
        maxCameraRatio: 1.4,
        enableEdgeEvents: false,
        defaultDrawNodeLabel: drawLabel,
        defaultDrawNodeHover: drawLabel,
        allowInvalidContainer: true,
      });
    } catch {
      setFailed(true);
      return;
    }
    made.setCustomBBox({ x: [0, size.width], y: [0, size.height] });
    made.refresh();
    sigma.current = made;
    const placeHeads = () => {
      const holder = heads.current;
      if (!holder) return;
      for (const child of Array.from(holder.children) as HTMLElement[]) {
        const node = acts.current.picture.nodes.find((one) => one.column === Number(child.dataset.column));
        if (!node) continue;
        const at = made.graphToViewport(placeOf(node, acts.current.picture.columns.length, size));
        child.style.transform = `translateX(${Math.round(at.x - 8)}px)`;
      }
    };
    placeHeads();
    made.on("afterRender", placeHeads);
    made.on("clickNode", ({ node }) => {
      const found = acts.current.picture.nodes.find((one) => one.id === node);
      if (found?.count && found.level !== undefined) {
        acts.current.onOpen(found.level);
        acts.current.onFilter(found.level);
      } else if (found?.account && found.level !== 0) acts.current.onSelect(found.account.key);
    });
    made.on("clickStage", () => acts.current.onSelect(null));
    made.on("enterNode", ({ node }) => setHovered(node));
    made.on("leaveNode", () => setHovered(null));
    return () => {
      made.kill();
      sigma.current = null;
    };
    // Words are part of the labels, so a change of language draws anew.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [picture, size, look, lang, all.length]);

  useEffect(() => {
    const made = sigma.current;
    if (!made) return;
    const focus = hovered ?? selected;
    const graph = made.getGraph();
    const near = new Set<string>();
    if (focus && graph.hasNode(focus)) {
      // The whole way of the money: everything upstream and downstream of the account.
      const walk = (from: string, next: (node: string) => string[]) => {
        const wait = [from];
        for (let node = wait.pop(); node !== undefined; node = wait.pop()) {
          for (const other of next(node)) if (!near.has(other)) {
            near.add(other);
            wait.push(other);
          }
        }
      };
      walk(focus, (node) => graph.inNeighbors(node));
      const up = new Set(near);
      near.clear();
      walk(focus, (node) => graph.outNeighbors(node));
      for (const node of up) near.add(node);
      near.add(focus);
    }
    const lit = near.size > 0;
    made.setSetting("nodeReducer", (node, data) => (lit && !near.has(node) ? { ...data, color: colours.dim, faded: true } as never : { ...data, highlighted: false }));
    made.setSetting("edgeReducer", (edge, data) => {
      if (!lit) return data;
      const [from, to] = graph.extremities(edge);
      return near.has(from) && near.has(to) ? { ...data, color: colours.lit, zIndex: 1 } : { ...data, color: colours.dim };
    });
  }, [hovered, selected, colours, picture, size]);

  if (failed) return <p className="note amber" style={{ margin: 10 }}>{t("graphFailed")}</p>;
  return (
    <div className="flow" role="group" aria-label={`${t("graph")}: ${t("graphSays", { accounts: chase.accounts, levels: chase.levels })}`}>
      <div className="flow-canvas" ref={box} />
      <div className="flow-heads" ref={heads} aria-hidden="true">
        {picture.columns.map((column) => (
          <span key={column.column} data-column={column.column}>
            {column.level === null ? t("exits") : column.level === 0 ? t("victim") : t("levelHead", { n: column.level })}
          </span>
        ))}
      </div>
      <button type="button" className="reveal flow-fit" onClick={() => void sigma.current?.getCamera().animatedReset()}>{t("fit")}</button>
    </div>
  );
}
