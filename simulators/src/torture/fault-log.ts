/** A fault, on the run's clock; `endedRunMs` is null while it lasts. */
export interface LoggedFault {
  readonly name: string;
  readonly beganRunMs: number;
  endedRunMs: number | null;
}

/** Faults that are remembered; a night of them is some tens of thousands. */
const mostLogged = 100_000;

/** What was wrong when, for whoever looks into a broken promise. */
export class FaultLog {
  readonly #beganMs = performance.now();
  readonly faults: LoggedFault[] = [];

  /** Milliseconds since the run began. */
  runMs(): number {
    return performance.now() - this.#beganMs;
  }

  /** A fault begins; it lasts until what is answered is called. */
  begin(name: string): () => void {
    const fault: LoggedFault = { name, beganRunMs: Math.round(this.runMs()), endedRunMs: null };
    if (this.faults.length < mostLogged) this.faults.push(fault);
    return () => {
      fault.endedRunMs = Math.round(this.runMs());
    };
  }
}
