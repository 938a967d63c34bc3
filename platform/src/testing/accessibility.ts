import axe from 'axe-core';
import { z } from 'zod';

/** What is needed of a page in a browser; Playwright's is one. */
interface AskedPage {
  evaluate(script: string): Promise<unknown>;
}

const wcag22 = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const foundSchema = z.array(
  z.object({
    id: z.string(),
    help: z.string(),
    nodes: z.array(z.object({ html: z.string(), failureSummary: z.string() })),
  }),
);

/**
 * What axe-core holds against a page as it stands, under WCAG 2.2 A and AA: a line for each element
 * and rule. What axe cannot judge by itself is not among them.
 */
export async function accessibilityFaults(page: AskedPage): Promise<string[]> {
  await page.evaluate(`globalThis.axe === undefined && (() => { ${axe.source} })()`);
  const options = { runOnly: { type: 'tag', values: wcag22 }, resultTypes: ['violations'] };
  const run = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => ({ id, help,
      nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))`;
  return foundSchema
    .parse(await page.evaluate(run))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}
