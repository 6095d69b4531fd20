import { ArrowLeftRight, type LucideIcon, Minus, Plus } from 'lucide-react';
import { Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

export type RepositoryChange = {
  id: string;
  at: string;
  kind: 'added' | 'removed' | 'changed';
  account: string;
  /** For example `acme/api, acme/web and 4 more`. */
  names: string;
};

const LOOK: Record<RepositoryChange['kind'], { icon: LucideIcon; words: string }> = {
  added: { icon: Plus, words: 'Shared' },
  removed: { icon: Minus, words: 'No longer shared' },
  changed: { icon: ArrowLeftRight, words: 'Renamed or changed' },
};

/** Lists the latest changes to the shared repositories, newest first. */
export function RecentChanges({ changes }: { changes: RepositoryChange[] }) {
  return (
    <Section id="lately" title="Recent changes">
      <Rows>
        {changes.map(({ id, at, kind, account, names }) => {
          const { icon: Icon, words } = LOOK[kind];
          return (
            <li key={id} className="flex gap-3 px-4 py-3 text-sm">
              <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
              <span className="min-w-0 flex-1">
                <span className="text-muted">{words}: </span>
                <UntrustedText>{names === '' ? account : names}</UntrustedText>
              </span>
              <Time value={at} className="shrink-0 text-13 text-muted" />
            </li>
          );
        })}
      </Rows>
    </Section>
  );
}
