/** What a seat is called, by its kind. */
import type { SHELL } from "./texts";

export const SEAT_WORDS = { centre: "centreSeat", bank: "bankSeat", operator: "operatorSeat" } as const satisfies Record<string, keyof typeof SHELL>;
