import { join } from 'node:path';

import { bundleFile } from '@foyer/platform/home';

import { LinkProxy } from '../up/link-proxy.ts';
import { Program } from '../up/program.ts';
import type { Cleanup } from './cleanup.ts';
import { layCable } from './netns.ts';
import type { CabledRooms } from './netns.ts';
import { startRelays } from './relay.ts';
import type { Relays } from './relay.ts';

// A namespace has all its ports to itself.
const apiPort = 8080;
const meshPort = 7443;
const firstPeerPort = 7501;

const loopback = '127.0.0.1';

/** A gate in a network namespace of its own, and how the others reach it. */
export class GateRoom {
  readonly cable: CabledRooms;
  /** Where other nodes' cables to its mesh end: a Unix socket. */
  readonly meshPath: string;
  /** Relays that ended by themselves. */
  readonly mishaps: string[] = [];
  readonly #dir: string;
  readonly #relays: Program[] = [];
  readonly #peers: Readonly<Record<string, string>>;
  readonly #api = new LinkProxy("gate's API");
  #apiUrlPort = 0;
  #closeOutlets: () => void = () => undefined;

  private constructor(dir: string, peers: Readonly<Record<string, string>>, cleanup: Cleanup) {
    this.#dir = dir;
    this.#peers = peers;
    this.meshPath = join(dir, 'in.sock');
    this.cable = layCable(cleanup);
  }

  /**
   * Makes the namespaces, and the relays that lead into them.
   * @param dir for sockets and logs.
   * @param peers where the gate would dial the others if it lived on the machine's own network.
   */
  static async open(
    dir: string,
    peers: Readonly<Record<string, string>>,
    cleanup: Cleanup,
  ): Promise<GateRoom> {
    const room = new GateRoom(dir, peers, cleanup);
    await room.#open();
    return room;
  }

  /** What its agent is started through. */
  get through(): string[] {
    return ['ip', 'netns', 'exec', this.cable.gateRoom];
  }

  get apiUrl(): string {
    return `http://${loopback}:${this.#apiUrlPort}`;
  }

  /** Changes to the configuration that the gate would have elsewhere. */
  settings(mesh: object): object {
    const { gateHost, farHost } = this.cable;
    const names = Object.keys(this.#peers);
    const peers = names.map((name, n) => [name, `wss://${farHost}:${firstPeerPort + n}`] as const);
    return {
      listen: { host: loopback, port: apiPort },
      mesh: {
        ...mesh,
        listen: { host: gateHost, port: meshPort },
        peers: Object.fromEntries(peers),
      },
    };
  }

  /** Ends the relays. The namespaces end with the run's cleanup. */
  async close(): Promise<void> {
    await Promise.all(this.#relays.map((relay) => relay.stop()));
    this.#closeOutlets();
    await this.#api.close();
  }

  async #open(): Promise<void> {
    const { gateRoom, farRoom, gateHost, farHost } = this.cable;
    const outlets = Object.values(this.#peers).map((url, n) => ({
      path: join(this.#dir, `out-${n}.sock`),
      port: Number(new URL(url).port),
      roomPort: firstPeerPort + n,
    }));
    this.#closeOutlets = await startRelays(
      outlets.map(({ path, port }) => ({ from: { path }, to: { host: loopback, port } })),
    );
    const apiPath = join(this.#dir, 'api.sock');
    await this.#relay('relay-gate', gateRoom, [
      { from: { path: apiPath }, to: { host: loopback, port: apiPort } },
    ]);
    await this.#relay('relay-lan', farRoom, [
      { from: { path: this.meshPath }, to: { host: gateHost, port: meshPort } },
      ...outlets.map(({ path, roomPort }) => ({
        from: { host: farHost, port: roomPort },
        to: { path },
      })),
    ]);
    this.#api.setTarget(apiPath);
    this.#apiUrlPort = await this.#api.listen();
  }

  async #relay(name: string, room: string, relays: Relays): Promise<void> {
    const program = new Program({
      name,
      file: bundleFile('relay'),
      dir: this.#dir,
      through: ['ip', 'netns', 'exec', room],
      onDeath: (how) => this.mishaps.push(`The relay in ${room} ended (${how}).`),
    });
    this.#relays.push(program);
    await program.start({ relays });
  }
}
