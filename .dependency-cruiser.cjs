/** Layer rules (ARCHITECTURE): base <- sealed <- opened; shared <- server, shared <- web; never server <-> web. */
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
      comment: 'pages may import base, types, constants of vocabularies and worker interfaces only',
      severity: 'error',
      from: { path: '^web/src/(routes|lib)' },
      to: { path: '^shared/src/sealed', dependencyTypesNot: ['type-only'] },
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
    exclude: { path: '(node_modules/(?!@sealpost)|/build/|\\.svelte-kit)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.svelte'],
    },
  },
};
