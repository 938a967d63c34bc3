import type { FeedRow, NodeId, Role } from '@foyer/contracts';
import type { Link } from '@foyer/platform';
import type { AgentConfig } from '../config.ts';
import type { HouseView } from './replica-view.ts';

/** The mesh link as an agent uses it. */
export interface AgentMesh extends Link {
  readonly port: number;
  setPeers(peers: Readonly<Record<NodeId, string>>): void;
  /** The role in a connected peer's certificate, where the link knows certificates. */
  roleOf?(peer: NodeId): Role | null;
}

export interface MeshWishes {
  peers: Readonly<Record<NodeId, string>>;
  isAllowed: (node: NodeId) => boolean;
  /** A connection was turned away because of its certificate or the node list. */
  onRefused: () => void;
}

/** Who is in the theatre: whom to dial, and whom to let in. */
export class Neighbours {
  readonly #self: NodeId;
  readonly #hints: Readonly<Record<NodeId, string>>;
  #nodes: () => FeedRow<'node'>[] = () => [];
  #revoked: ReadonlySet<NodeId> = new Set();
  #peers: Readonly<Record<NodeId, string>> = {};
  #refused = 0;

  constructor(config: Pick<AgentConfig, 'node' | 'mesh'>) {
    this.#self = config.node;
    this.#hints = config.mesh.peers;
    this.#read();
  }

  /** Connections turned away so far. */
  get refused(): number {
    return this.#refused;
  }

  wishes(): MeshWishes {
    return {
      peers: this.#peers,
      isAllowed: (node) => !this.#revoked.has(node),
      onRefused: () => {
        this.#refused += 1;
      },
    };
  }

  /** From now on the house feed names the nodes, beside the configuration. */
  follow(view: Pick<HouseView, 'nodes'>, mesh: Pick<AgentMesh, 'setPeers'>): void {
    this.#nodes = () => view.nodes();
    this.refresh(mesh);
  }

  /** The house feed changed: the mesh cuts off who was revoked and dials who is new. */
  refresh(mesh: Pick<AgentMesh, 'setPeers'>): void {
    this.#read();
    mesh.setPeers(this.#peers);
  }

  /**
   * Whether a peer may act in a role. Its certificate and the node list must both say so, as far as
   * they say anything: the list comes with the house feed, the role only in newer certificates.
   */
  mayBe(
    node: NodeId,
    role: Role,
    view: Pick<HouseView, 'theatre' | 'node'>,
    mesh: Pick<AgentMesh, 'roleOf'>,
  ): boolean {
    const certified = mesh.roleOf?.(node) ?? null;
    if (certified !== null && certified !== role) return false;
    return view.theatre() === null || view.node(node)?.role === role;
  }

  // An address in the configuration wins over the feed's: it is about this very network.
  #read(): void {
    const nodes = this.#nodes();
    this.#revoked = new Set(
      nodes.filter((node) => node.status === 'revoked').map((node) => node.nodeId),
    );
    const fromFeed = nodes.flatMap(({ nodeId, meshUrl, status }) =>
      meshUrl === null || status !== 'active' ? [] : [[nodeId, meshUrl] as const],
    );
    const peers = { ...Object.fromEntries(fromFeed), ...this.#hints };
    const allowed = Object.entries(peers).filter(
      ([node]) => node !== this.#self && !this.#revoked.has(node),
    );
    this.#peers = Object.fromEntries(allowed);
  }
}
