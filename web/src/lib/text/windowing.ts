/**
 * Which rows of a long list are on screen. Browsers cannot lay out more than about 17 million pixels, so the spacer is
 * capped and, beyond the cap, the scroll bar moves through the rows in proportion (1,000,000 rows of 40 px reach their end).
 */

const MAX_SPACER_PX = 8_000_000;

export interface ListShape {
  readonly total: number;
  readonly rowPx: number;
  readonly viewPx: number;
}

export interface RowWindow {
  /** First row to draw. */
  readonly first: number;
  /** How many, a few beyond the edges included. */
  readonly count: number;
  /** Where the first drawn row stands in the spacer. */
  readonly topPx: number;
}

const BEYOND = 6;

export function spacerPx({ total, rowPx }: ListShape): number {
  return Math.min(total * rowPx, MAX_SPACER_PX);
}

/** The row at the upper edge, with its fraction above it. */
export function rowAt(shape: ListShape, scrollPx: number): number {
  const room = spacerPx(shape) - shape.viewPx;
  if (room <= 0) return 0;
  const last = shape.total - shape.viewPx / shape.rowPx;
  return Math.min(1, Math.max(0, scrollPx / room)) * last;
}

/** Where to scroll so that `row` (with fraction) is at the upper edge. */
export function scrollOf(shape: ListShape, row: number): number {
  const last = shape.total - shape.viewPx / shape.rowPx;
  if (last <= 0) return 0;
  return (Math.min(Math.max(row, 0), last) / last) * (spacerPx(shape) - shape.viewPx);
}

export function windowAt(shape: ListShape, scrollPx: number): RowWindow {
  const upper = rowAt(shape, scrollPx);
  const first = Math.max(0, Math.floor(upper) - BEYOND);
  const last = Math.min(shape.total, Math.ceil(upper + shape.viewPx / shape.rowPx) + BEYOND);
  return { first, count: Math.max(0, last - first), topPx: scrollPx - (upper - first) * shape.rowPx };
}

/** `true` if a pixel of scrolling is more than a pixel of rows: then the wheel must be translated. */
export function isCapped(shape: ListShape): boolean {
  return shape.total * shape.rowPx > MAX_SPACER_PX;
}

/** Where to scroll so that `row` is wholly on screen; the same place if it is. */
export function scrollToShow(shape: ListShape, scrollPx: number, row: number): number {
  const upper = rowAt(shape, scrollPx);
  const rows = shape.viewPx / shape.rowPx;
  if (row < upper) return scrollOf(shape, row);
  if (row + 1 > upper + rows) return scrollOf(shape, row + 1 - rows);
  return scrollPx;
}
