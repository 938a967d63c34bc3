const step = 0.06;

const overflows = (element: HTMLElement): boolean =>
  element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;

/**
 * Shrinks each `data-fit` text until it fits its box, down to the share that it names; beyond
 * that it is cut off by the style sheet. Texts that are as they were, in a box as it was, are left
 * alone.
 */
export class Fitter {
  readonly #done = new WeakMap<HTMLElement, string>();

  fitAll(root: HTMLElement): void {
    const size = `${root.clientWidth}x${root.clientHeight}`;
    if (root.clientWidth === 0) return;
    for (const element of root.querySelectorAll<HTMLElement>('[data-fit]')) {
      const box = `${element.clientWidth}x${element.clientHeight}`;
      const known = `${size} ${box} ${element.textContent}`;
      if (this.#done.get(element) === known) continue;
      this.#fit(element);
      const after = `${size} ${element.clientWidth}x${element.clientHeight} ${element.textContent}`;
      this.#done.set(element, after);
    }
  }

  #fit(element: HTMLElement): void {
    element.style.removeProperty('--fit');
    const smallest = Number(element.dataset.fit);
    for (let share = 1; share >= smallest && overflows(element); share -= step)
      element.style.setProperty('--fit', share.toFixed(2));
  }
}
