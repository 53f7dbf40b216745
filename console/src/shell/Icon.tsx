/** Line signs of the desks, drawn here so that they look the same on every workstation, whatever its fonts. */

const PATHS = {
  intake: "M5 3h4l1.5 4.5L8 9a10 10 0 0 0 5 5l1.5-2.500L19 13v4a2 2 0 0 1-2 2A14 14 0 0 1 3 5a2 2 0 0 1 2-2z",
  stop: "M7.500 3h7L19 7.500v7L14.500 19h-7L3 14.500v-7zM8.500 8v6M13.500 8v6",
  chase: "M4 4a2 2 0 1 0 .01 0M4 14a2 2 0 1 0 .01 0M18 9a2 2 0 1 0 .01 0M6 6.500C10 7 11 11 16 11M6 15.500C10 15 11 11.500 16 11",
  rules: "M5 3h9l4 4v12H5zM14 3v4h4M8 11h7M8 14.500h7",
  journal: "M4 5h14M4 9h14M4 13h14M4 17h9",
  partners: "M3 8h13l-3-3M19 14H6l3 3",
  users: "M11 4a3.500 3.500 0 1 0 .01 0M4 19a7 7 0 0 1 14 0z",
  orders: "M11 3v11M7 10l4 4 4-4M4 15v4h14v-4",
  holds: "M6 10V7a5 5 0 0 1 10 0v3M4 10h14v9H4zM11 13.500v2.500",
  accounts: "M3 6h16v11H3zM3 10h16M6 14h4",
  notices: "M4 15.500V19h3.500L18 8.500 14.500 5zM12.500 7l3.500 3.500",
  lines: "M7 2.500h8v17H7zM10 16.500h2M4 6a8 8 0 0 0 0 10M18 6a8 8 0 0 1 0 10",
  numbers: "M8 3 6 19M15 3l-2 16M3.500 8h15M3 14h15",
  live: "M3 12h3.500l2.500-7 4 12 2.500-5H19",
  appeals: "M11 3v16M5 19h12M4 7h14M4 7l-2 6h5zM18 7l-3 6h5z",
  senders: "M3 5h16v11H9l-4 4v-4H3zM7 9h8M7 12h5",
  story: "M9.500 4a5.500 5.500 0 1 0 .01 0M14 14l5 5M7 9.500h5M9.500 7v5",
  search: "M9.500 4a5.500 5.500 0 1 0 .01 0M14 14l5 5",
  menu: "M3 6h16M3 11h16M3 16h16",
  print: "M6 8V3h10v5M6 16H3V8h16v8h-3M6 13h10v6H6z",
  sun: "M11 7a4 4 0 1 0 .01 0M11 2v2M11 18v2M2 11h2M18 11h2M4.600 4.600 6 6M16 16l1.400 1.400M17.400 4.600 16 6M6 16l-1.400 1.400",
  moon: "M18 13.500A8 8 0 0 1 8.500 4 8 8 0 1 0 18 13.500z",
  lock: "M6 10V7a5 5 0 0 1 10 0v3M4 10h14v9H4z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 22 22" fill="none" stroke="currentColor" strokeWidth={size > 24 ? 1.2 : 1.7} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" style={{ flex: "none", verticalAlign: "middle" }}>
      <path d={PATHS[name]} />
    </svg>
  );
}
