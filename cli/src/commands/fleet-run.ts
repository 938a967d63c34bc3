import type { Aws, Plan, Task } from '@foyer/greengrass-recipes/fleet';

import { createOutput, type Output } from '../output.ts';

export interface FleetOptions {
  region?: string;
  endpoint?: string;
  dryRun?: boolean;
  json?: boolean;
}

const lib = () => import('@foyer/greengrass-recipes/fleet');

/** Says what would be done: each call with its whole input. */
async function show(plan: Plan, aws: Aws, output: Output): Promise<void> {
  const { printed } = await lib();
  const calls = plan.calls.map(printed);
  const { account, region } = aws.place;
  for (const line of plan.kept) output.progress(`there already: ${line}`);
  if (!output.json) {
    for (const { service, operation, input, why } of calls) {
      output.line(`${service} ${operation}   # ${why}`);
      output.line(JSON.stringify(input, null, 2));
    }
  }
  const count = calls.length === 1 ? '1 call' : `${calls.length} calls`;
  output.result(
    { dryRun: true, account, region, calls, kept: plan.kept },
    `${count} to make in account ${account}, ${region}; nothing was changed.`,
  );
}

async function carryOut(task: Task, aws: Aws, output: Output): Promise<void> {
  const { perform } = await lib();
  const { nodeClock } = await import('@foyer/platform/node');
  const { calls, kept } = task.plan;
  for (const line of kept) output.progress(`there already: ${line}`);
  await perform(calls, aws, {
    clock: nodeClock(),
    progress: (line) => output.progress(line),
    ...(task.answered === undefined ? {} : { answered: task.answered.bind(task) }),
  });
  const notes = (await task.finish?.()) ?? [];
  for (const note of notes) output.progress(note);
  const { account, region } = aws.place;
  const made = calls.map(({ operation }) => operation);
  const count = made.length === 1 ? '1 call' : `${made.length} calls`;
  output.result(
    { dryRun: false, account, region, made, kept, notes },
    made.length === 0
      ? `Nothing to do in account ${account}, ${region}: all of it is there.`
      : `${count} made in account ${account}, ${region}.`,
  );
}

/** Reads what is there, plans, and shows the plan or carries it out. */
export async function runTask(
  options: FleetOptions,
  prepare: (aws: Aws, dryRun: boolean) => Promise<Task>,
): Promise<void> {
  const output = createOutput(options);
  const dryRun = options.dryRun === true;
  const aws = await (await lib()).connect(options);
  try {
    const task = await prepare(aws, dryRun);
    await (dryRun ? show(task.plan, aws, output) : carryOut(task, aws, output));
  } finally {
    aws.close();
  }
}
