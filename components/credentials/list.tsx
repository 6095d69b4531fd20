import type { ReactNode } from 'react';
import type { Credential } from '@/lib/contract/credentials';
import type { CredentialSort } from '@/lib/contract/sort';
import type { Links } from '../objects/links';
import { Button } from '../ui/button';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { cn } from '../ui/cn';
import { Link } from '../ui/link';
import { SelectableRow, SelectCell } from '../ui/select-cell';
import { SelectAll, SelectionForm } from '../ui/selection';
import { SortHeader, type Sorting, SortMenu } from '../ui/sort';
import { StackedHead } from '../ui/stacked-head';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { Creator, GrantedRepositories, LastUse } from './facts';
import { type CredentialState, isEnded, StateBadge } from './state';

/** A row of the list, with what only a key or only a rule has. */
export type CredentialItem = {
  credential: Credential;
  state: CredentialState;
  href: string;
  /** Lines below the name. */
  about: ReactNode;
  /** A line below the repositories. */
  scope?: ReactNode;
  /** A line below the last use. */
  advice?: ReactNode;
};

type CredentialListProps = {
  label: string;
  /** The path of the list, which asks before it revokes the selected rows, and the query parameters that it keeps. */
  path: string;
  kept: Readonly<Record<string, string | null | undefined>>;
  items: CredentialItem[];
  sorting: Sorting<CredentialSort>;
  links: Links;
};

const FORM = 'selected';
const WHERE = 'on this page';

/** Lists API keys or trust rules, and selects those to revoke. */
export function CredentialList({ label, path, kept, items, sorting, links }: CredentialListProps) {
  return (
    <div className="group/selection grid grid-cols-1 gap-2">
      <StackedHead>
        <SelectAll form={FORM} where={WHERE} />
        <SortMenu {...sorting} />
      </StackedHead>
      <Card className="overflow-hidden">
        <Table aria-label={label}>
          <TableHead>
            <TableRow>
              <TableHeader className="w-10 stacked:hidden">
                <SelectAll form={FORM} where={WHERE} />
              </TableHeader>
              <SortHeader name="name" sorting={sorting} className="w-[26%]" />
              <TableHeader className="w-[17%]">Repositories</TableHeader>
              <SortHeader name="created" sorting={sorting} className="w-[15%]" />
              <SortHeader name="last_used" sorting={sorting} className="w-[15%]" />
              <SortHeader name="expires" sorting={sorting} />
              <TableHeader className="w-28">
                <span className="sr-only">Manage</span>
              </TableHeader>
            </TableRow>
          </TableHead>
          <TableBody>
            {items.map((item) => (
              <Row key={item.credential.id} {...item} links={links} />
            ))}
          </TableBody>
        </Table>
      </Card>
      <SelectionForm id={FORM} path={path} fields={kept}>
        <Button type="submit" size="sm" variant="danger" name="ask" value="revoke">
          Revoke
        </Button>
      </SelectionForm>
    </div>
  );
}

function Row({ credential, state, href, about, scope, advice, links }: CredentialItem & { links: Links }) {
  const { name, repositories, created_at, expires_at } = credential;
  const ended = isEnded(state);
  return (
    <SelectableRow className={cn('align-top', ended && 'text-muted')}>
      <SelectCell select={ended ? null : { form: FORM, value: credential.id, name }} />
      <TableCell>
        <Link href={href} className="font-medium underline-offset-4 hover:underline">
          <UntrustedText>{name}</UntrustedText>
        </Link>
        {about}
      </TableCell>
      <TableCell className="text-13">
        <GrantedRepositories repositories={repositories} links={links} />
        {scope}
      </TableCell>
      <TableCell className="text-13">
        <span className="md:hidden">Created </span>
        <Time value={created_at} />
        <span className="wrap-anywhere md:block md:text-muted">
          {' '}
          <Creator {...credential} links={links} />
        </span>
      </TableCell>
      <TableCell className="text-13">
        <span className="md:hidden">Last used: </span>
        <LastUse {...credential} />
        {advice}
      </TableCell>
      <TableCell className="text-13">
        <StateBadge state={state} />
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
    </SelectableRow>
  );
}
