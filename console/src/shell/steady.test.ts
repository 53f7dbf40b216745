import { expect, it } from "vitest";
import { mergeSteady, queueShows, type Steady } from "./steady";

const shown = (items: Steady<{ id: string; v: number }>[]) => items.map((item) => `${item.id}${item.row.v}${item.fresh ? "+" : ""}${item.gone ? "-" : ""}`).join(" ");
const rows = (...list: string[]) => list.map((text) => ({ id: text[0]!, v: Number(text[1] ?? 0) }));
const idOf = (row: { id: string }) => row.id;

it("a queue does not jump: changes in place, what is new at the end, what left stays greyed", () => {
  let items = mergeSteady<{ id: string; v: number }>([], rows("a0", "b0", "c0"), idOf);
  expect(shown(items)).toBe("a0 b0 c0");
  items = mergeSteady(items, rows("d0", "c1", "a0"), idOf);
  expect(shown(items)).toBe("a0 b0- c1 d0+");
  items = mergeSteady(items, rows("b2", "a0"), idOf);
  expect(shown(items)).toBe("a0 b2 c1- d0+-");
});

it("a queue says that there is nothing only once its own answer is there", () => {
  const query = { data: undefined as unknown, isError: false, isPlaceholderData: false };
  expect(queueShows(query, 0)).toBe("loading");
  expect(queueShows({ ...query, isError: true }, 0)).toBe("failed");
  expect(queueShows({ ...query, data: [], isPlaceholderData: true }, 0)).toBe("loading");
  expect(queueShows({ ...query, data: [], isPlaceholderData: true }, 3)).toBe("rows");
  expect(queueShows({ ...query, data: [] }, 0)).toBe("empty");
});
