/** Which nucleus is stood in for. */
export type NucleusKind = 'classic' | 'lite';

/** What differs between the two, as far as a component meets it. */
export interface NucleusBehaviour {
  kind: NucleusKind;
  /** A longer IPC message closes the connection. */
  maxIpcBytes: number;
  /** A longer packet from the cloud is dropped without a word. */
  maxPacketFromCloudBytes: number;
  /** Publishes to the cloud that may be unacknowledged, and their bytes; more are refused. */
  maxUnacknowledged: number;
  maxUnacknowledgedBytes: number;
  /** What is published while the cloud is away waits in memory, up to so many bytes. */
  spoolBytes: number;
  /** JSON that nests deeper stops the nucleus, for every component. */
  hangsBeyondNesting: number;
  /** A component may connect by its name, as its process group shows it. */
  connectsByName: boolean;
  /** SubscribeToComponentUpdates and DeferComponentUpdate are there. */
  defersUpdates: boolean;
}

/** Nucleus lite, as a real one was measured. */
const lite: NucleusBehaviour = {
  kind: 'lite',
  maxIpcBytes: 10_000,
  maxPacketFromCloudBytes: 5000,
  maxUnacknowledged: 10,
  maxUnacknowledgedBytes: 15_000,
  spoolBytes: 0,
  hangsBeyondNesting: 20,
  connectsByName: true,
  defersUpdates: false,
};

/** The classic nucleus with its default settings (spooler: 2.5 MB in memory). */
const classic: NucleusBehaviour = {
  kind: 'classic',
  maxIpcBytes: 16 * 1_048_576,
  maxPacketFromCloudBytes: Number.POSITIVE_INFINITY,
  maxUnacknowledged: 100,
  maxUnacknowledgedBytes: Number.POSITIVE_INFINITY,
  spoolBytes: 2_621_440,
  hangsBeyondNesting: Number.POSITIVE_INFINITY,
  connectsByName: false,
  defersUpdates: true,
};

export const behaviours: Readonly<Record<NucleusKind, NucleusBehaviour>> = { classic, lite };
