import type { factors as english } from '../en/factors.ts';

export const factors = {} satisfies typeof english;
