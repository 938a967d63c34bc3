import type { SimCloud } from './cloud.ts';
import { theatreNo } from './node.ts';

/** So many changes of the house in one instant; nothing where the cloud is down. */
export function bustle({ worker }: SimCloud, changes: number, firstMin: number): void {
  for (let n = 0; n < changes; n += 1) {
    const patch = { delayMin: firstMin + n };
    // A cloud that dies meanwhile has changed nothing.
    worker?.catalogue.changeShow(theatreNo, 1 + (n % 2), patch).catch(() => {});
  }
}
