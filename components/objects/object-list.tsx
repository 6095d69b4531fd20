import { FolderGit2, KeyRound, type LucideIcon, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Card } from '../ui/card';
import { Link } from '../ui/link';
import { UntrustedText } from '../ui/untrusted-text';

/** The kinds of objects that pages link to, with the path of each below the workspace's settings. */
const KINDS = {
  api_key: { icon: KeyRound, words: 'API key', path: 'api-keys' },
  trust_rule: { icon: ShieldCheck, words: 'Trust rule', path: 'trust-rules' },
  connection: { icon: FolderGit2, words: 'Connection', path: 'github' },
} as const satisfies Record<string, { icon: LucideIcon; words: string; path: string }>;

export type ListedObject = {
  kind: keyof typeof KINDS;
  id: string;
  name: string;
  /** A few words at the end of the row. */
  about: ReactNode;
};

type ObjectListProps = {
  id: string;
  title: string;
  objects: readonly ListedObject[];
  /** How many to list. Whether there are more is said below them. */
  limit: number;
  none: string;
  /** The path of the workspace's settings. */
  settings: string;
};

/** Lists keys, rules and connections, each a link to its page. */
export function ObjectList({ id, title, objects, limit, none, settings }: ObjectListProps) {
  return (
    <Card>
      <section aria-labelledby={id}>
        <h2 id={id} className="p-5 font-semibold text-base tracking-tight sm:px-6">
          {title}
        </h2>
        {objects.length === 0 ? <p className="px-5 pb-5 text-muted text-sm sm:px-6">{none}</p> : null}
        {objects.length > 0 ? (
          <ul className="divide-y border-t">
            {objects.slice(0, limit).map((object) => (
              <Row key={object.id} {...object} settings={settings} />
            ))}
          </ul>
        ) : null}
        {objects.length > limit ? (
          <p className="border-t px-5 py-2.5 text-13 text-muted sm:px-6">And more.</p>
        ) : null}
      </section>
    </Card>
  );
}

function Row({ kind, id, name, about, settings }: ListedObject & { settings: string }) {
  const { icon: Icon, words, path } = KINDS[kind];
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 px-5 py-2.5 text-13 sm:px-6">
      <span className="flex min-w-0 items-start gap-2">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
        <span className="min-w-0">
          <Link href={`${settings}/${path}/${id}`} className="font-medium underline-offset-4 hover:underline">
            <UntrustedText>{name}</UntrustedText>
          </Link>
          <span className="block text-muted">{words}</span>
        </span>
      </span>
      <span className="text-muted">{about}</span>
    </li>
  );
}
