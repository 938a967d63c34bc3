import type { LinkLimits } from './link.ts';

/**
 * AWS IoT Core, a direct connection: 128 KB a publish; 100 publishes/s and 512 KiB/s a connection,
 * in and out together; 100 unacknowledged each way ("AWS IoT Core message broker and protocol
 * limits and quotas", AWS General Reference).
 */
export const ioTCoreLimits: LinkLimits = {
  maxPayloadBytes: 128 * 1024,
  maxPublishesPerS: 100,
  maxBytesPerS: 512 * 1024,
  maxInFlight: 100,
};

/**
 * Mosquitto and other brokers of one's own. MQTT itself allows 256 MB; 128 KiB keep a lane from
 * waiting long behind one payload. Mosquitto queues at most 1,000 payloads a client
 * (max_queued_messages) and drops what exceeds that, so that few may be under way.
 */
export const mosquittoLimits: LinkLimits = {
  maxPayloadBytes: 128 * 1024,
  maxPublishesPerS: Number.POSITIVE_INFINITY,
  maxBytesPerS: Number.POSITIVE_INFINITY,
  maxInFlight: 100,
};

/** The WebSocket mesh: ours at both ends. A payload takes 8 ms on gigabit Ethernet. */
export const lanLimits: LinkLimits = {
  maxPayloadBytes: 1_048_576,
  maxPublishesPerS: Number.POSITIVE_INFINITY,
  maxBytesPerS: Number.POSITIVE_INFINITY,
  maxInFlight: 256,
};
