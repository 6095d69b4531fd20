/** Does nothing if `next build` wrote no `.next/standalone`. */
export function completeStandalone(): Promise<void>;
