import type { Page } from 'playwright-core';

/**
 * Asks a page until an expression is true or a number, and answers it. (Playwright's own waiting
 * evaluates text inside the page, which the policy of our pages forbids.)
 *
 * @throws {Error} After `timeoutMs`; its message has the expression.
 */
export async function untilTrue(
  page: Page,
  expression: string,
  timeoutMs = 20_000,
  everyMs = 20,
): Promise<unknown> {
  const limit = performance.now() + timeoutMs;
  for (;;) {
    const value: unknown = await page.evaluate(expression);
    if (value !== false && value !== undefined && value !== null) return value;
    if (performance.now() > limit) throw new Error(`Not within ${timeoutMs} ms: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
