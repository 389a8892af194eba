/** Layer rules (ARCHITECTURE): base <- sealed <- opened; shared <- server, shared <- web; never server <-> web. */

/** What pages may run of `opened`: lists of words, the model as data, what the search box takes, letters, the check of a CSV file before it is sent. */
const FOR_PAGES = `^shared/src/opened/(${[
  'finding/finding',
  'triage/triage',
  'query/query',
  'query/search-syntax',
  'query/fold',
  'ingest/record',
  'client/api/[a-z-]+',
  'risk/factor-codes',
  'risk/model-v1',
  'respond/letters',
  'respond/eml',
  'respond/handling-notice',
  'client/organisations-csv',
].join('|')})\\.ts$`;

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'base-knows-nothing',
      severity: 'error',
      from: { path: '^shared/src/base' },
      to: { path: '^(shared/src/(sealed|opened)|server|web|shared/cli)' },
    },
    {
      name: 'sealed-never-opens',
      severity: 'error',
      from: { path: '^shared/src/sealed' },
      to: { path: '^(shared/src/opened|server|web|shared/cli)' },
    },
    {
      name: 'core-stands-alone',
      severity: 'error',
      from: { path: '^shared/src/' },
      to: { path: '^(server|web|shared/cli)/' },
    },
    {
      name: 'core-is-pure',
      comment: 'no Node in the core',
      severity: 'error',
      from: { path: '^shared/src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'server-reads-nothing',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(shared/src/opened|web|shared/cli)' },
    },
    { name: 'web-never-server', severity: 'error', from: { path: '^web/' }, to: { path: '^(server|shared/cli)/' } },
    {
      name: 'pages-hold-no-core',
      comment:
        'pages import base, types, vocabularies, texts for people, and where their host says the API is; all else is asked of a worker',
      severity: 'error',
      from: { path: '^web/src/(routes|lib)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^shared/src/(sealed|opened)/',
        pathNot: [FOR_PAGES, '^shared/src/sealed/wire/(app-config|paths)\\.ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'pages-call-workers',
      comment: 'only lib/state/workers.ts names the worker files, as addresses to start',
      severity: 'error',
      from: { path: '^web/src/(routes|lib)/', pathNot: ['\\.test\\.ts$', '^web/src/lib/state/workers\\.ts$'] },
      to: { path: '^web/src/workers/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-store-knows-dexie',
      severity: 'error',
      from: { pathNot: '^web/src/workers/store' },
      to: { path: 'node_modules/dexie' },
    },
    {
      name: 'tests-stay-outside',
      severity: 'error',
      from: { path: '^(server/src|shared/src|shared/cli/src|web/src)', pathNot: '\\.test\\.ts$' },
      to: { path: '^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/build/|\\.svelte-kit)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.svelte'],
    },
  },
};
