/** Small pieces of the number list. */
import { formatPhone } from "../../shell/format";

/** One number in groups, a prefix or a range as it stands. */
export function Pattern({ entry }: { entry: { pattern: string; kind: string } }) {
  return <span className="nowrap">{entry.kind === "full" ? formatPhone(entry.pattern) : entry.pattern}</span>;
}
