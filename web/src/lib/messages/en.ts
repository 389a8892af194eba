/** English, and the type of every language. One file an area; see messages.svelte.ts. */
import { frame } from './en/frame.ts';
import { terms } from './en/terms.ts';
import { errors } from './en/errors.ts';
import { overview } from './en/overview.ts';
import { findings } from './en/findings.ts';
import { search } from './en/search.ts';
import { views } from './en/views.ts';
import { factors } from './en/factors.ts';
import { bundles } from './en/bundles.ts';
import { settings } from './en/settings.ts';
import { welcome } from './en/welcome.ts';
import { join } from './en/join.ts';
import { operator } from './en/operator.ts';
import { material } from './en/material.ts';
import { publish } from './en/publish.ts';
import { exports } from './en/exports.ts';
import { audit } from './en/audit.ts';
import { watch } from './en/watch.ts';

export const en = {
  frame,
  terms,
  errors,
  overview,
  findings,
  search,
  views,
  factors,
  bundles,
  settings,
  welcome,
  join,
  operator,
  material,
  exports,
  publish,
  audit,
  watch,
};

export type Catalogue = typeof en;
