import type { OnLoadResult, Plugin } from 'esbuild';

const replaced = (name: string, filter: RegExp, contents: string): Plugin => ({
  name,
  setup(builder) {
    builder.onLoad({ filter }, (): OnLoadResult => ({ contents, loader: 'js' }));
  },
});

/** better-sqlite3 looks for its binary all over the disk; in a package it has one place. */
const plainBindings = replaced(
  'plain-bindings',
  /node_modules\/bindings\/bindings\.js$/,
  "module.exports = (file) => require('better-sqlite3/build/Release/' + file);",
);

/** A program that imports better-sqlite3 and never uses it does not carry it. */
const unusedSqlite: Plugin = {
  name: 'unused-sqlite',
  setup(builder) {
    builder.onResolve({ filter: /^better-sqlite3$/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'seen') return undefined;
      const { kind, importer, resolveDir } = rest;
      const found = { kind, importer, resolveDir, pluginData: 'seen' };
      return { ...(await builder.resolve(path, found)), sideEffects: false };
    });
  },
};

/** aws-crt asks ldd for the C library, and looks beside a source file that is bundled away. */
const plainCrt = replaced(
  'plain-crt',
  /node_modules\/aws-crt\/dist\/native\/binding\.js$/,
  "const binding = require('aws-crt/dist/bin/linux-' + process.arch + '-glibc/' +" +
    " 'aws-crt-nodejs.node');" +
    "exports.cRuntime = 'glibc'; exports.default = binding; exports.__esModule = true;",
);

/** zod carries its messages in fifty languages. */
const oneLanguage = replaced(
  'one-language',
  /node_modules\/zod\/v4\/locales\/index\.c?js$/,
  "export { default as en } from './en.js';",
);

/** Express brings every character set there was; a body of ours is UTF-8, and JSON any UTF. */
const unicodeOnly = replaced(
  'unicode-only',
  /node_modules\/iconv-lite\/encodings\/index\.js$/,
  "Object.assign(exports, require('./internal'), require('./utf16'), require('./utf32'));",
);

export const nodePlugins = [plainBindings, unusedSqlite, plainCrt, oneLanguage, unicodeOnly];
export const browserPlugins = [oneLanguage];
