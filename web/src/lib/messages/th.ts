/** ภาษาไทย. One file an area; see messages.svelte.ts. */
import { frame } from './th/frame.ts';
import { terms } from './th/terms.ts';
import { errors } from './th/errors.ts';
import { overview } from './th/overview.ts';
import { findings } from './th/findings.ts';
import { search } from './th/search.ts';
import { views } from './th/views.ts';
import { factors } from './th/factors.ts';
import { bundles } from './th/bundles.ts';
import { settings } from './th/settings.ts';
import { welcome } from './th/welcome.ts';
import { join } from './th/join.ts';
import { operator } from './th/operator.ts';
import { material } from './th/material.ts';
import { publish } from './th/publish.ts';
import { exports } from './th/exports.ts';
import { audit } from './th/audit.ts';
import { watch } from './th/watch.ts';
import type { Catalogue } from './en.ts';

export const th = {
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
} satisfies Catalogue;
