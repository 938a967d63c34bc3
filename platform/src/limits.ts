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

/**
 * AWS IoT Core through a classic Greengrass nucleus: one connection for all components of the box,
 * and a spooler in memory.
 */
export const greengrassClassicLimits: LinkLimits = { ...ioTCoreLimits };

/**
 * The same through nucleus lite. Its IPC takes messages of 10,000 bytes, base64 and headers
 * included, and closes the connection at a longer one. It drops packets of more than 5,000 bytes
 * from the cloud without a word, and holds 10 unacknowledged publishes, 15,000 bytes in all, which
 * at 200 ms to IoT Core and back are 50 a second.
 */
export const nucleusLiteLimits: LinkLimits = {
  maxPayloadBytes: 7168,
  maxReceivedBytes: 4864,
  maxPublishesPerS: 50,
  maxBytesPerS: 64 * 1024,
  maxInFlight: 10,
};

/** What nucleus lite holds of unacknowledged publishes, with room for their topics. */
export const nucleusLiteBufferBytes = 14_500;
