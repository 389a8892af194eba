import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** Rules for every file that `no-restricted-syntax` of a narrower block would otherwise replace. */
const SYNTAX = [
  { selector: 'TSEnumDeclaration', message: 'Use an `as const` list (STYLE, Types carry meaning).' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'No namespaces.' },
];

/** What the core must get from its caller: clock, timers, chance, network, storage, page, process (STYLE, Shape of the code). */
const IMPURE = [
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'Worker', 'SharedWorker', 'BroadcastChannel'],
  ...['window', 'document', 'self', 'navigator', 'location', 'history', 'performance', 'caches', 'console'],
  ...[
    'localStorage',
    'sessionStorage',
    'indexedDB',
    'process',
    'Buffer',
    'global',
    'require',
    '__dirname',
    '__filename',
  ],
  ...['setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame', 'requestIdleCallback', 'postMessage'],
];

export default ts.config(
  { ignores: ['**/build/', '**/.svelte-kit/', '.data/', '.cache/', 'tests/fixtures/', '**/node_modules/'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-console': 'error',
      'no-eval': 'error',
      'no-restricted-syntax': ['error', ...SYNTAX],
      eqeqeq: 'error',
    },
  },
  {
    files: ['shared/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.fixture.ts'],
    rules: {
      'no-restricted-globals': ['error', ...IMPURE],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in as `nowMs`.' },
        { object: 'Math', property: 'random', message: 'Randomness comes in as `random`.' },
        ...IMPURE.map((property) => ({ object: 'globalThis', property })),
      ],
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Time comes in as `nowMs`.' },
        { selector: 'CallExpression[callee.name="Date"]', message: 'Time comes in as `nowMs`.' },
        {
          selector: 'MemberExpression[property.name=/^(getRandomValues|randomUUID)$/]',
          message: 'Randomness comes in as `random`.',
        },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      // Does not know that a Map or Set is only looked up, or replaced whole in a `$state.raw`.
      'svelte/prefer-svelte-reactivity': 'off',
      // Takes the words of the reason behind the code for codes.
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
  // AssemblyScript has no `import type`.
  {
    files: ['shared/kernels/**/*.ts'],
    ignores: ['**/build*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  // A global is declared with `var`: `let` would not be a property of `globalThis`.
  { files: ['**/*.d.ts'], rules: { 'no-var': 'off' } },
  {
    files: ['server/**/*.ts', 'shared/cli/**/*.ts', 'tests/**/*.ts', '.ci/**'],
    rules: { 'no-console': 'off' },
  },
);
