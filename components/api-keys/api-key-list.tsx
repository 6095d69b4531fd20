import { KeyRound, Plus } from 'lucide-react';
import type { ApiKey } from '@/lib/contract/api-keys';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { Link } from '../ui/link';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { isInUse, KeyBadge, KeyRepositories, keyState, LastUse } from './key-facts';

type ApiKeyListProps = {
  keys: ApiKey[];
  /** Ids of keys that have been rotated, so each has a successor. */
  rotated: ReadonlySet<string>;
  /** Whether the workspace allows API keys. */
  areAllowed: boolean;
  /** The path of this list. A key's page is at `${basePath}/${id}`. */
  basePath: string;
  /** The path of the form that moves a key to a trust rule. */
  moveHref: (id: string) => string;
};

export function ApiKeyList({ keys, rotated, areAllowed, basePath, moveHref }: ApiKeyListProps) {
  const now = new Date();
  return (
    <Card className="overflow-hidden">
      <Table aria-label="API keys">
        <TableHead>
          <TableRow>
            <TableHeader className="w-[21%]">Key</TableHeader>
            <TableHeader className="w-[19%]">Repositories</TableHeader>
            <TableHeader className="w-[16%]">Created</TableHeader>
            <TableHeader className="w-[16%]">Last used</TableHeader>
            <TableHeader>Status</TableHeader>
            <TableHeader className="w-28">
              <span className="sr-only">Manage</span>
            </TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {keys.map((key) => (
            <KeyRow
              key={key.id}
              apiKey={key}
              state={keyState(key, { isRotated: rotated.has(key.id), areAllowed, now })}
              href={`${basePath}/${key.id}`}
              moveHref={isInUse(key, now) ? moveHref(key.id) : null}
            />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

type KeyRowProps = {
  apiKey: ApiKey;
  state: ReturnType<typeof keyState>;
  href: string;
  /** Set for a key that is still in use. */
  moveHref: string | null;
};

function KeyRow({ apiKey, state, href, moveHref }: KeyRowProps) {
  const { name, display_prefix, repositories, networks, created_by, created_at, expires_at } = apiKey;
  const ended = state === 'revoked' || state === 'expired';
  return (
    <TableRow className={ended ? 'text-muted' : undefined}>
      <TableCell>
        <UntrustedText className="font-medium">{name}</UntrustedText>
        <span className="block font-mono text-[13px] text-muted">{display_prefix}…</span>
      </TableCell>
      <TableCell className="text-[13px]">
        <KeyRepositories repositories={repositories} />
        {networks.length > 0 ? (
          <span className="block text-muted">
            from {networks[0]}
            {networks.length > 1 ? ` and ${networks.length - 1} more` : ''}
          </span>
        ) : null}
      </TableCell>
      <TableCell className="text-[13px]">
        <span className="md:hidden">Created </span>
        <Time value={created_at} />
        <span className="wrap-anywhere md:block md:text-muted">
          {' '}
          by {created_by === null ? 'the operator' : <UntrustedText>{created_by}</UntrustedText>}
        </span>
      </TableCell>
      <TableCell className="text-[13px]">
        <span className="md:hidden">Last used: </span>
        <LastUse {...apiKey} />
        {moveHref === null ? null : (
          <Link href={moveHref} className="block text-accent underline underline-offset-4">
            Move to a trust rule
            <span className="sr-only">: {name}</span>
          </Link>
        )}
      </TableCell>
      <TableCell className="text-[13px]">
        <KeyBadge state={state} />
        {ended ? null : (
          <span className="mt-1 text-muted max-md:ml-2 md:block">
            {expires_at === null ? (
              'Does not expire'
            ) : (
              <>
                Expires <Expiry value={expires_at} />
              </>
            )}
          </span>
        )}
      </TableCell>
      <TableCell className="md:text-right">
        <ButtonLink size="sm" variant={ended ? 'ghost' : 'secondary'} href={href} className="max-md:mt-1">
          {ended ? 'View' : 'Manage'}
          <span className="sr-only"> {name}</span>
        </ButtonLink>
      </TableCell>
    </TableRow>
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
