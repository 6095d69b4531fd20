/** The interface between a fault and its runner. */

export interface Finding {
  /** The intervention in the running system. */
  injected: string;
  /** The guarantee, as in the targets. */
  mustHold: string;
  /** Counts and measurements. */
  observed: string;
  held: boolean;
}

export interface FaultOptions {
  /** Sends less of everything, which is enough to show that the fault runs. */
  quick: boolean;
  /** How long the mixed load of F12 lasts. */
  minutes: number;
  /** Prints a progress line. */
  say(line: string): void;
}

export interface Fault {
  title: string;
  run(options: FaultOptions): Promise<Finding[]>;
}
