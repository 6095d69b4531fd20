'use client';

/** A value, and its label. */
export type Option = readonly [value: string, label: string];

/**
 * Draws the options of a long select. A client component, because a page contains a server component's elements a
 * second time, as data for the script.
 */
export function Options({ of }: { of: readonly Option[] }) {
  return of.map(([value, label]) => (
    <option key={value} value={value}>
      {label}
    </option>
  ));
}
