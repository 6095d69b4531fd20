'use client';

import type { Option } from '../ui/options';

/**
 * A box for each type of event. A client component, because a page contains a server component's elements a second time,
 * as data for the script.
 */
export function TypeBoxes({ of, chosen }: { of: readonly Option[]; chosen: readonly string[] }) {
  return of.map(([type, label]) => (
    <label key={type} className="flex min-h-7 items-center gap-2.5 rounded-md px-2 text-sm hover:bg-hover">
      <input
        type="checkbox"
        name="type"
        value={type}
        defaultChecked={chosen.includes(type)}
        className="size-4 accent-primary"
      />
      {label}
    </label>
  ));
}
