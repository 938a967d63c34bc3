import { echoTopic, type NodeId, type TheatreNo } from '@foyer/contracts';

import type { Clock } from '../clock.ts';
import { greengrassClassicLimits, nucleusLiteBufferBytes, nucleusLiteLimits } from '../limits.ts';
import type { Link } from '../link.ts';
import type { Logger } from '../logger.ts';
import type { Random } from '../random.ts';
import { sharedTopics } from '../shared-topics.ts';
import type { TopicClient } from '../topic-client.ts';
import { topicLink } from '../topic-link.ts';
import type { NucleusSession } from './session.ts';
import { ipcTopicClient, type IpcTopicOptions } from './topic-client.ts';

export interface GreengrassWayOptions extends Pick<
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

/**
 * A node's ways to the cloud through its nucleus: a link with the one peer `cloud`, and a client
 * for control. One canary serves both, and the session stays open when they are closed.
 */
export function greengrassWays(options: GreengrassWayOptions): {
  openLink: () => Link;
  openTopics: () => TopicClient;
} {
  const { theatreNo, nodeId, nucleus, logger } = options;
  const lite = nucleus === 'lite';
  const limits = lite ? nucleusLiteLimits : greengrassClassicLimits;
  const canaryTopic = echoTopic(theatreNo, nodeId);
  const openTopics = sharedTopics(() => ipcTopicClient({ ...options, limits, canaryTopic }));
  const openLink = (): Link =>
    topicLink({
      client: openTopics(),
      theatreNo,
      nodeId,
      limits,
      ...(lite ? { maxBufferedBytes: nucleusLiteBufferBytes } : {}),
      logger,
    });
  return { openLink, openTopics };
}
