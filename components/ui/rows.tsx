import type { ReactNode } from 'react';
import { Card } from './card';
import { UntrustedText } from './untrusted-text';

/** A card whose rows are separated by lines. */
export function Rows({ children }: { children: ReactNode }) {
  return (
    <Card>
      <ul className="divide-y">{children}</ul>
    </Card>
  );
}

type NamedRowProps = {
  /** An avatar or an icon. */
  mark: ReactNode;
  name: string;
  about: ReactNode;
  /** Buttons and badges at the end of the row. */
  children: ReactNode;
};

/** A row in {@link Rows}: a name, a line about it, and its actions. */
export function NamedRow({ mark, name, about, children }: NamedRowProps) {
  return (
    <li className="flex flex-wrap items-center gap-3 px-4 py-3 sm:px-5">
      {mark}
      <div className="min-w-0 flex-1 basis-40 text-sm">
        <UntrustedText className="font-medium">{name}</UntrustedText>
        <p className="wrap-anywhere text-13 text-muted">{about}</p>
      </div>
      {children}
    </li>
  );
}
