import { KeyRound, Plus } from 'lucide-react';
import type { ApiKey } from '@/lib/contract/api-keys';
import type { CredentialSort } from '@/lib/contract/sort';
import { CredentialList } from '../credentials/list';
import { keyState } from '../credentials/state';
import type { Links } from '../objects/links';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { Link } from '../ui/link';
import type { Sorting } from '../ui/sort';
import { isInUse } from './key-facts';

type ApiKeyListProps = {
  keys: ApiKey[];
  /** Ids of keys that have been rotated, so each has a successor. */
  rotated: ReadonlySet<string>;
  /** Whether the workspace allows API keys. */
  areAllowed: boolean;
  /** The path of this list. A key's page is at `${basePath}/${id}`. */
  basePath: string;
  /** Returns the path of the form that moves a key to a trust rule; `null` if no trust rule can be created. */
  moveHref: ((id: string) => string) | null;
  /** The query parameters that the list keeps. */
  kept: Readonly<Record<string, string | null | undefined>>;
  sorting: Sorting<CredentialSort>;
  links: Links;
};

export function ApiKeyList({ keys, rotated, areAllowed, basePath, moveHref, ...list }: ApiKeyListProps) {
  const now = new Date();
  const items = keys.map((key) => ({
    credential: key,
    state: keyState(key, { isRotated: rotated.has(key.id), areAllowed, now }),
    href: `${basePath}/${key.id}`,
    about: <span className="block font-mono text-13 text-muted">{key.display_prefix}…</span>,
    scope: key.networks.length > 0 ? <FirstNetwork networks={key.networks} /> : null,
    advice:
      moveHref !== null && isInUse(key, now) ? <MoveLink name={key.name} href={moveHref(key.id)} /> : null,
  }));
  return <CredentialList label="API keys" path={basePath} items={items} {...list} />;
}

function FirstNetwork({ networks }: Pick<ApiKey, 'networks'>) {
  return (
    <span className="block text-muted">
      from {networks[0]}
      {networks.length > 1 ? ` and ${networks.length - 1} more` : ''}
    </span>
  );
}

function MoveLink({ name, href }: { name: string; href: string }) {
  return (
    <Link href={href} className="flex min-h-6 items-center text-accent underline underline-offset-4">
      Move to a trust rule
      <span className="sr-only">: {name}</span>
    </Link>
  );
}

export function NoKeys({ createHref }: { createHref: string | null }) {
  return (
    <Card>
      <EmptyState
        icon={KeyRound}
        title="No API keys yet"
        actions={
          createHref === null ? null : (
            <ButtonLink variant="primary" size="sm" href={createHref}>
              <Plus aria-hidden />
              Create API key
            </ButtonLink>
          )
        }
      >
        Backend services use an API key to get read-only GitHub tokens that live one hour. A key opens nothing
        else.
      </EmptyState>
    </Card>
  );
}
