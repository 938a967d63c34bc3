import type { NodeId } from '@foyer/contracts';

import type { Box } from './names.ts';
import type { Endpoints } from './nucleus-config.ts';

/** Where a box keeps what is its own: its settings and its certificates. */
const dir = '/etc/foyer';

export interface AgentSettingsOptions {
  readonly box: Box;
  readonly endpoints: Endpoints;
  /** Where other nodes of the theatre may be dialled, `wss://HOST:8443`. */
  readonly peers: Readonly<Record<NodeId, string>>;
  /** True for a theatre agent that reaches AWS IoT with the credentials of its role. */
  readonly websocket: boolean;
}

function cloudOf({ box, endpoints, websocket }: AgentSettingsOptions): object {
  if (box.role !== 'theatre') return {};
  const proof = websocket
    ? { credentials: 'token-exchange' }
    : { certPath: `${dir}/iot.crt`, keyPath: `${dir}/iot.key` };
  return {
    cloudLink: 'iot-core-or-greengrass',
    iotCore: { endpoint: endpoints.data, ...proof },
  };
}

/**
 * What tells an agent who it is, `/etc/foyer/agent.json` on its box. What all boxes of a group
 * share comes with their deployment, and goes before this.
 */
export function agentSettings(options: AgentSettingsOptions): object {
  const { box, peers } = options;
  const { theatreNo, nodeId, role } = box;
  return {
    theatreNo,
    node: nodeId,
    role,
    mesh: {
      certPath: `${dir}/${nodeId}.crt`,
      keyPath: `${dir}/${nodeId}.key`,
      caPath: `${dir}/theatre-ca.crt`,
      peers,
    },
    ...cloudOf(options),
    thing: { via: 'greengrass' },
  };
}
