/**
 * Which rows of a long list are on screen. Browsers cannot lay out more than about 17 million pixels, so the spacer is capped.
 * Beyond the cap the scroll bar stands in proportion to the rows, while a wheel, a finger or a key still moves them pixel by
 * pixel: a million rows of 40 px reach their end, and a notch of the wheel moves a few rows and not hundreds.
 */

const MAX_SPACER_PX = 8_000_000;

export interface ListShape {
  readonly total: number;
  readonly rowPx: number;
  readonly viewPx: number;
}

/** Where a list stands: the row at the upper edge, with its fraction above the edge, while the scroll bar is at `scrollPx`. */
export interface Place {
  readonly scrollPx: number;
  readonly row: number;
}

export interface RowWindow {
  /** First row to draw. */
  readonly first: number;
  /** How many, a few beyond the edges included. */
  readonly count: number;
  /** Where the first drawn row stands in the spacer. */
  readonly topPx: number;
}

/** Drawn beyond each edge, so that a quick finger finds rows there before the page has heard of it. */
const BEYOND = 8;

/** A scroll by more than this many screens was a jump of the scroll bar: a pixel of its thumb is 10,000 px of a full spacer. */
const JUMP_SCREENS = 4;

export const TOP: Place = { scrollPx: 0, row: 0 };

export function spacerPx({ total, rowPx }: ListShape): number {
  return Math.min(total * rowPx, MAX_SPACER_PX);
}

/** `true` if a pixel of the scroll bar is more than a pixel of rows. */
export function isCapped({ total, rowPx }: ListShape): boolean {
  return total * rowPx > MAX_SPACER_PX;
}

/** The row at the upper edge when the last row stands at the lower one. */
const lastTop = ({ total, rowPx, viewPx }: ListShape) => Math.max(0, total - viewPx / rowPx);

const scrollRoom = (shape: ListShape) => Math.max(0, spacerPx(shape) - shape.viewPx);

/** The place with `row` (with fraction) at the upper edge, as near as the list's ends allow. */
export function placeOf(shape: ListShape, row: number): Place {
  const last = lastTop(shape);
  const held = Math.min(Math.max(row, 0), last);
  return { row: held, scrollPx: last === 0 ? 0 : (held / last) * scrollRoom(shape) };
}

/** Where the list stands after the scroll bar went from `place` to `scrollPx`. */
export function scrolled(shape: ListShape, place: Place, scrollPx: number): Place {
  const room = scrollRoom(shape);
  if (room === 0) return TOP;
  const held = Math.min(Math.max(scrollPx, 0), room);
  const byPx = held - place.scrollPx;
  const isJump = Math.abs(byPx) > JUMP_SCREENS * shape.viewPx;
  if (!isCapped(shape) || isJump) return { scrollPx: held, row: (held / room) * lastTop(shape) };
  const row = Math.min(Math.max(place.row + byPx / shape.rowPx, 0), lastTop(shape));
  return { scrollPx: held, row };
}

/**
 * `true` when the scroll bar has drifted so far from its proportion that it stands at an end while rows are left: it must be
 * set to `placeOf(shape, place.row)` at once. At rest it is set there anyway.
 */
export function mustRealign(shape: ListShape, { scrollPx, row }: Place): boolean {
  return (scrollPx <= 0 && row > 0) || (scrollPx >= scrollRoom(shape) - 1 && row < lastTop(shape) - 0.5);
}

export function windowAt(shape: ListShape, { scrollPx, row }: Place): RowWindow {
  const first = Math.max(0, Math.floor(row) - BEYOND);
  const last = Math.min(shape.total, Math.ceil(row + shape.viewPx / shape.rowPx) + BEYOND);
  return { first, count: Math.max(0, last - first), topPx: scrollPx - (row - first) * shape.rowPx };
}

/** At most as many rows as `windowAt` ever answers for this shape. */
export function windowSize({ rowPx, viewPx }: ListShape): number {
  return Math.ceil(viewPx / rowPx) + 2 + 2 * BEYOND;
}

/** The place nearest to `place` in which `row` is wholly on screen; the same one if it is. */
export function placeShowing(shape: ListShape, place: Place, row: number): Place {
  const rows = shape.viewPx / shape.rowPx;
  if (row < place.row) return placeOf(shape, row);
  if (row + 1 > place.row + rows) return placeOf(shape, row + 1 - rows);
  return place;
}
