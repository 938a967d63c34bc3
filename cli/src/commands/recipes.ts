import { FoyerError } from '@foyer/contracts';
import type { BuildManifest, Finding, Platform } from '@foyer/greengrass-recipes';
import type { Command } from 'commander';

import { createOutput, type Output } from '../output.ts';

interface LintOptions {
  schema?: string;
  json?: boolean;
}

const describe = ({ path, rule, problem, whatToDo }: Finding): string =>
  `  ${path}\n    ${rule}: ${problem}\n    ${whatToDo}`;

async function lint(paths: string[], options: LintOptions): Promise<void> {
  const { lintFiles } = await import('@foyer/greengrass-recipes');
  const output = createOutput(options);
  const { files, findings } = lintFiles(paths, options.schema);
  for (const file of files) {
    const own = findings.filter((finding) => finding.file === file);
    output.progress(own.length === 0 ? `${file}: fine` : [file, ...own.map(describe)].join('\n'));
  }
  const schema = options.schema === undefined ? " (AWS's own schema: not given, see --schema)" : '';
  const text = `${files.length} recipes, ${findings.length} problems${schema}`;
  output.result(
    { recipes: files.length, problems: findings, schema: options.schema ?? null },
    text,
  );
  if (findings.length > 0) process.exitCode = 1;
}

interface BuildOptions {
  version: string;
  out: string;
  platform: string;
  artifactsUri?: string;
  model: string[];
  json?: boolean;
}

const wrongOption = (name: string, whatToDo: string): FoyerError =>
  new FoyerError('bad-request', `--${name} is wrong.`, { whatToDo });

function platformsOf(text: string, known: readonly Platform[]): Platform[] {
  return text.split(',').map((name) => {
    const found = known.find((platform) => platform === name);
    if (found === undefined) throw wrongOption('platform', `Give some of ${known.join(',')}.`);
    return found;
  });
}

function modelsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, dir] = /^([A-Za-z][\w.-]*)=(.+)$/.exec(text) ?? [];
      if (name === undefined || dir === undefined) throw wrongOption('model', 'Give NAME=DIR.');
      return [name, dir];
    }),
  );
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

function tellPackages({ components }: BuildManifest, output: Output): void {
  for (const { file, sizeBytes, unpackedBytes, glibc } of components.flatMap((c) => c.artifacts)) {
    const size = `${megabytes(sizeBytes)} (${megabytes(unpackedBytes)} unpacked)`;
    output.progress(`${file}: ${size}${glibc === null ? '' : `, glibc ${glibc}`}`);
  }
}

async function build(options: BuildOptions): Promise<void> {
  const { buildComponents, platformNames } = await import('@foyer/greengrass-recipes');
  const output = createOutput(options);
  const manifest = await buildComponents({
    version: options.version,
    outDir: options.out,
    platforms: platformsOf(options.platform, platformNames),
    models: modelsOf(options.model),
    say: (line) => output.progress(line),
    ...(options.artifactsUri === undefined ? {} : { artifactsUri: options.artifactsUri }),
  });
  tellPackages(manifest, output);
  const count = manifest.components.length;
  output.result(manifest, `${count} components ${manifest.version} in ${options.out}`);
}

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

/** `foyer recipes`: the Greengrass components, their recipes and packages. */
export function registerRecipes(program: Command): void {
  const recipes = program
    .command('recipes')
    .description('check and build the components for AWS IoT Greengrass v2');
  recipes
    .command('lint')
    .description('check recipes against what both nuclei, classic and lite, take')
    .argument('<path...>', 'a recipe, a directory of recipes, or one that holds `recipes`')
    .option('--schema <file>', "AWS's recipe schema too, as its Greengrass Development Kit has it")
    .option('--json', 'print {"recipes","problems":[{"file","path","rule",...}],"schema"} last')
    .action(lint);
  recipes
    .command('build')
    .description('write recipes/NAME-VERSION.json, artifacts/NAME/VERSION/*.zip and manifest.json')
    .requiredOption('--version <version>', 'the version of every component: 1.2.3')
    .requiredOption('--out <directory>', 'where to write')
    .option('--platform <list>', 'x64, arm64, or both', 'x64,arm64')
    .option('--artifacts-uri <uri>', 'where the zips will be published: s3://BUCKET/PREFIX')
    .option('--model <name=directory>', 'also com.foyer.Models.NAME, of these files', collect, [])
    .option('--json', 'print the manifest as one JSON object on the last line')
    .action(build);
}
