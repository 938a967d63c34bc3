import { LinkProxy } from './link-proxy.ts';
import type { Target } from './link-proxy.ts';

/** A cable of the mesh: one for each direction of dialling between two nodes. */
interface MeshCable {
  readonly from: string;
  readonly to: string;
  readonly proxy: LinkProxy;
  readonly port: number;
}

/** Where a program is plugged in once it runs. */
export type Socketed = 'broker' | 'payment';

/**
 * Every cable of the theatre. What can be cut by name: `wan`, between theatre and broker; and
 * `lan:NODE`, which is everything that goes to or from that node inside the theatre.
 */
export class Cabling {
  readonly #wan = new LinkProxy('wan');
  readonly #brokerForCloud = new LinkProxy('cloud to broker');
  readonly #payment = new LinkProxy('cloud to payment');
  readonly #mesh: MeshCable[] = [];
  readonly #cuts = new Set<string>();
  #ports = { wan: 0, brokerForCloud: 0, payment: 0 };

  /** Lays the cables: everything has its address before anything runs. */
  static async lay(nodes: readonly string[]): Promise<Cabling> {
    const cabling = new Cabling();
    const [wan, brokerForCloud, payment] = await Promise.all([
      cabling.#wan.listen(),
      cabling.#brokerForCloud.listen(),
      cabling.#payment.listen(),
    ]);
    cabling.#ports = { wan, brokerForCloud, payment };
    for (const from of nodes) {
      for (const to of nodes) {
        if (from === to) continue;
        const proxy = new LinkProxy(`${from} to ${to}`);
        cabling.#mesh.push({ from, to, proxy, port: await proxy.listen() });
      }
    }
    return cabling;
  }

  /** The broker's address as the theatre sees it. */
  get wanUrl(): string {
    return `mqtt://127.0.0.1:${this.#ports.wan}`;
  }

  /** The broker's address as the cloud sees it. */
  get brokerUrl(): string {
    return `mqtt://127.0.0.1:${this.#ports.brokerForCloud}`;
  }

  get paymentUrl(): string {
    return `http://127.0.0.1:${this.#ports.payment}`;
  }

  /** Where a node dials each other node. */
  peersOf(node: string): Record<string, string> {
    const cables = this.#mesh.filter(({ from }) => from === node);
    return Object.fromEntries(cables.map(({ to, port }) => [to, `wss://127.0.0.1:${port}`]));
  }

  /** Says where a program listens now; undefined: it is gone. */
  plug(what: Socketed, port: number | undefined): void {
    if (what === 'payment') this.#payment.setTarget(port);
    else {
      this.#wan.setTarget(port);
      this.#brokerForCloud.setTarget(port);
    }
  }

  /** Says where a node's mesh listens now; undefined: it is gone. */
  plugMesh(node: string, target: Target | undefined): void {
    for (const cable of this.#mesh) if (cable.to === node) cable.proxy.setTarget(target);
  }

  /** Names of the links that are cut now. */
  get cuts(): ReadonlySet<string> {
    return this.#cuts;
  }

  cut(link: string): void {
    this.#cuts.add(link);
    this.#apply();
  }

  mend(link: string): void {
    this.#cuts.delete(link);
    this.#apply();
  }

  /** The cables behind a link's name: one for `wan`, every one of the node for `lan:NODE`. */
  proxies(link: string): LinkProxy[] {
    if (link === 'wan') return [this.#wan];
    if (link === 'cloud') return [this.#brokerForCloud];
    return this.#mesh
      .filter(({ from, to }) => link === `lan:${from}` || link === `lan:${to}`)
      .map(({ proxy }) => proxy);
  }

  /** Bytes that crossed the internet link so far. */
  get wanBytes(): number {
    return this.#wan.carriedBytes;
  }

  async close(): Promise<void> {
    const meshes = this.#mesh.map(({ proxy }) => proxy.close());
    await Promise.all([
      ...meshes,
      this.#wan.close(),
      this.#brokerForCloud.close(),
      this.#payment.close(),
    ]);
  }

  #apply(): void {
    setCut(this.#wan, this.#cuts.has('wan'));
    for (const { from, to, proxy } of this.#mesh) {
      setCut(proxy, this.#cuts.has(`lan:${from}`) || this.#cuts.has(`lan:${to}`));
    }
  }
}

function setCut(proxy: LinkProxy, cut: boolean): void {
  if (cut) proxy.cut();
  else proxy.mend();
}
