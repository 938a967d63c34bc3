import { echoTopic, type NodeId, type TheatreNo } from '@foyer/contracts';

import type { Clock } from '../clock.ts';
import { greengrassClassicLimits, nucleusLiteBufferBytes, nucleusLiteLimits } from '../limits.ts';
import type { Link } from '../link.ts';
import type { Logger } from '../logger.ts';
import type { Random } from '../random.ts';
import { topicLink } from '../topic-link.ts';
import type { NucleusSession } from './session.ts';
import { ipcTopicClient, type IpcTopicOptions } from './topic-client.ts';

export interface GreengrassLinkOptions extends Pick<
  IpcTopicOptions,
  'canaryEveryMs' | 'canaryPatienceMs'
> {
  session: NucleusSession;
  theatreNo: TheatreNo;
  nodeId: NodeId;
  nucleus: 'classic' | 'lite';
  clock: Clock;
  random: Random;
  logger: Logger;
}

/** A node's client of IoT Core through its nucleus; the session stays open when it is closed. */
export function greengrassTopics(options: GreengrassLinkOptions) {
  const { theatreNo, nodeId, nucleus } = options;
  const limits = nucleus === 'lite' ? nucleusLiteLimits : greengrassClassicLimits;
  const canaryTopic = echoTopic(theatreNo, nodeId);
  return ipcTopicClient({ ...options, limits, canaryTopic });
}

/** A node's link to the cloud through its nucleus, with the one peer `cloud`. */
export function greengrassLink(options: GreengrassLinkOptions): Link {
  const { theatreNo, nodeId, nucleus, logger } = options;
  const lite = nucleus === 'lite';
  return topicLink({
    client: greengrassTopics(options),
    theatreNo,
    nodeId,
    limits: lite ? nucleusLiteLimits : greengrassClassicLimits,
    ...(lite ? { maxBufferedBytes: nucleusLiteBufferBytes } : {}),
    logger,
  });
}
