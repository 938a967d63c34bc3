// Lint rules of our own, loaded by oxlint (.oxlintrc.json).

const impureMembers = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'process.hrtime',
  'process.env',
]);

const impureGlobals = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'fetch',
]);

const pureNodeModules = new Set(['node:assert', 'node:buffer', 'node:util']);

// Hashing and signing depend on their input only; the module's random half is caught by name.
const halfPureNodeModules = new Set(['node:crypto', 'node:zlib']);

const impureNames = new Set([
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFillSync',
  'getRandomValues',
  'generateKeyPairSync',
]);

const advice = 'Decisions take the time, random numbers and data as input, and answer effects.';

function checkImport(context, node) {
  const from = node.source?.value;
  if (typeof from !== 'string' || node.importKind === 'type') return;
  const isNode = from.startsWith('node:');
  if (isNode && !pureNodeModules.has(from) && !halfPureNodeModules.has(from)) {
    context.report({ node, message: `${from} does I/O. ${advice}` });
  }
  if (/(^|\/)adapters\//.test(from)) {
    context.report({ node, message: `A decision may not import an adapter. ${advice}` });
  }
  for (const specifier of node.specifiers ?? []) {
    const name = specifier.imported?.name;
    if (isNode && impureNames.has(name)) {
      context.report({ node: specifier, message: `${name} is random. ${advice}` });
    }
  }
}

function checkMember(context, node) {
  const object = node.object.name ?? node.object.property?.name;
  const property = node.computed ? node.property.value : node.property.name;
  const path = `${object}.${property}`;
  const hidden = object === 'globalThis' && impureGlobals.has(property);
  if (hidden || impureMembers.has(path) || (object === 'crypto' && impureNames.has(property))) {
    context.report({ node, message: `${path} is not for decisions. ${advice}` });
  }
}

const pure = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const asynchronous = (node) => {
      if (node.async) {
        context.report({ node, message: `A decision never waits: no async functions. ${advice}` });
      }
    };
    const construct = (node) => {
      if (node.callee.name === 'Date' && node.arguments.length === 0) {
        context.report({ node, message: `The current date is not for decisions. ${advice}` });
      }
    };
    const call = (node) => {
      if (node.callee.name === 'Date') construct({ ...node, arguments: [] });
      if (impureGlobals.has(node.callee.name)) {
        context.report({ node, message: `${node.callee.name} is not for decisions. ${advice}` });
      }
    };
    return {
      ImportDeclaration: (node) => checkImport(context, node),
      ExportNamedDeclaration: (node) => checkImport(context, node),
      ExportAllDeclaration: (node) => checkImport(context, node),
      ImportExpression(node) {
        context.report({ node, message: `A decision loads nothing when it runs. ${advice}` });
      },
      MemberExpression: (node) => checkMember(context, node),
      NewExpression: construct,
      CallExpression: call,
      AwaitExpression(node) {
        context.report({ node, message: `A decision never waits: no await. ${advice}` });
      },
      ForOfStatement(node) {
        if (node.await) context.report({ node, message: `A decision never waits. ${advice}` });
      },
      FunctionDeclaration: asynchronous,
      FunctionExpression: asynchronous,
      ArrowFunctionExpression: asynchronous,
    };
  },
};

export default { meta: { name: 'foyer' }, rules: { pure } };
