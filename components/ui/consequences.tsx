import type { ReactNode } from 'react';

/** Lists in a dialog what an action does. Its children are list items. */
export function Consequences({ children }: { children: ReactNode }) {
  return (
    <ul className="mt-4 grid list-disc gap-2 pl-5 text-sm leading-relaxed marker:text-muted">{children}</ul>
  );
}
