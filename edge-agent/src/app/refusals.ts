import type { Logger } from '@foyer/platform';

/** What the mesh logs when it turns a connection away. */
const refusalEvent = 'mesh-peer-refused';

/** The same logger; `count` is called for each connection that the mesh turned away. */
export function countRefusals(logger: Logger, count: () => void): Logger {
  return {
    debug: (event, fields) => logger.debug(event, fields),
    info: (event, fields) => logger.info(event, fields),
    warn(event, fields) {
      if (event === refusalEvent) count();
      logger.warn(event, fields);
    },
    error: (event, fields) => logger.error(event, fields),
    child: (fields) => countRefusals(logger.child(fields), count),
  };
}
