import type { Finding } from '@foyer/greengrass-recipes';
import type { Command } from 'commander';

import { createOutput } from '../output.ts';

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
}
