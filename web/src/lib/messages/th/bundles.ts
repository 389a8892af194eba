import type { bundles as english } from '../en/bundles.ts';

export const bundles = {} satisfies typeof english;
