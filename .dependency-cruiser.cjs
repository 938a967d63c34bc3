// Who may import whom. The workspaces' order is that of ARCHITECTURE.md.

const mayImport = {
  contracts: [],
  platform: ['contracts'],
  'cloud-sync': ['contracts', 'platform'],
  'edge-agent': ['contracts', 'platform', 'cloud-sync'],
  scanner: ['contracts', 'platform'],
  'signage-player': ['contracts', 'platform'],
  'greengrass-recipes': ['contracts', 'platform'],
  simulators: [
    'contracts',
    'platform',
    'cloud-sync',
    'edge-agent',
    'scanner',
    'signage-player',
    'greengrass-recipes',
  ],
};

const workspaces = [...Object.keys(mayImport), 'cli'];

const layers = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment: `${name} may import ${allowed.join(', ') || 'nothing'} of ours.`,
  from: { path: `^${name}/` },
  to: { path: `^(${workspaces.filter((w) => w !== name && !allowed.includes(w)).join('|')})/` },
}));

const ioModules = [
  'async_hooks',
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'fs',
  'http',
  'http2',
  'https',
  'inspector',
  'net',
  'os',
  'process',
  'readline',
  'repl',
  'stream',
  'timers',
  'tls',
  'tty',
  'worker_threads',
];

const forbidden = [
  ...layers,
  {
    name: 'through-exports',
    severity: 'error',
    comment: "Another workspace is imported by its package's name, never by a path into it.",
    from: { path: `^(${workspaces.join('|')})/src/` },
    to: {
      path: `^(${workspaces.join('|')})/`,
      pathNot: '^$1/',
      dependencyTypes: ['local'],
    },
  },
  {
    name: 'agent-uses-the-engine-only',
    severity: 'error',
    comment: 'An agent shares the sync engine with the cloud end, and nothing else of it.',
    from: { path: '^edge-agent/' },
    to: { path: '^cloud-sync/src/', pathNot: '^cloud-sync/src/engine/' },
  },
  {
    name: 'domain-has-no-adapters',
    severity: 'error',
    comment: 'What decides knows nothing of what does.',
    from: { path: '/domain/', pathNot: '[.]test[.]ts$' },
    to: { path: '/adapters/|/(main|config)[.]ts$|^platform/src/(node|sim)/' },
  },
  {
    name: 'domain-does-no-io',
    severity: 'error',
    comment: 'What decides touches nothing.',
    from: { path: '/domain/|^contracts/src/', pathNot: '[.]test[.]ts$' },
    to: { dependencyTypes: ['core'], path: `^(node:)?(${ioModules.join('|')})(/|$)` },
  },
  {
    name: 'contracts-use-zod-only',
    severity: 'error',
    from: { path: '^contracts/src/', pathNot: '[.]test[.]ts$' },
    to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
  },
  {
    name: 'nobody-imports-a-main',
    severity: 'error',
    comment: 'main.ts alone builds adapters and reads the environment.',
    from: {},
    to: { path: '^[^/]+/src/.*main[.]ts$', pathNot: '[a-z-]main[.]ts$' },
  },
  {
    name: 'nobody-imports-a-test',
    severity: 'error',
    from: {},
    to: { path: '[.]test[.]ts$' },
  },
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'resolvable',
    severity: 'error',
    comment: 'A package exports what it offers; anything else is private to it.',
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/(fixtures|build)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['foyer-source', 'import', 'node', 'types', 'default'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.json'],
      mainFields: ['main', 'types'],
    },
  },
};
