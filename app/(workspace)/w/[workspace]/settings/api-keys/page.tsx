import { Plus } from 'lucide-react';
import type { Metadata } from 'next';
import { countedNotice } from '@/app/counted-notice';
import { shownNotice } from '@/app/notices';
import { orFirstPage } from '@/app/page-reads';
import { readSorting } from '@/app/page-sorting';
import { firstValue, type Query, requestId, type SearchParams } from '@/app/request';
import { ApiKeyList, NoKeys } from '@/components/api-keys/api-key-list';
import { ExpiringKeys } from '@/components/api-keys/expiring-keys';
import { KeysAllowedCard, KeysForbidden } from '@/components/api-keys/keys-allowed';
import { MintingStopped } from '@/components/github/minting-stopped';
import { PageHeader } from '@/components/shell/page-header';
import { PendingPage } from '@/components/shell/pending-page';
import { ButtonLink } from '@/components/ui/button-link';
import { NoticeBanner } from '@/components/ui/notice';
import { Pagination } from '@/components/ui/pagination';
import { RevokeSeveral } from '@/components/ui/revoke-several';
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton';
import type { UserActor } from '@/lib/actor';
import {
  findExpiringKeys,
  findKeysInForce,
  findLiveKeys,
  findRotatedKeys,
  listApiKeys,
} from '@/lib/api-keys/read-api-keys';
import type { Membership } from '@/lib/auth/session';
import { CREDENTIAL_SORTS } from '@/lib/contract/sort';
import { hrefWith } from '@/lib/http/href-with';
import { hasIssuers } from '@/lib/workload/issuers';
import { readWorkspace } from '@/lib/workspace/api-keys-allowed';
import { listMintingStops } from '@/lib/workspace/minting-stops';
import { linksFor } from '../../links-for';
import { memberOf } from '../../member-of';
import { offerUndo, type UndoableNotice } from '../../undo';
import { readAsked } from '../several';
import { allowKeys, revokeKeys, undoAllowKeys } from './actions';
import { KEY_NOTICES, moveHref } from './notices';

export const metadata: Metadata = { title: 'API keys' };

const PAGE_SIZE = 25;

const KEYS = { one: 'API key', already: 'already revoked' };

type ApiKeysProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

const HEAD = {
  title: 'API keys',
  description:
    'What your services get tokens with. Each key belongs to this workspace only, and can be bound to some of its repositories.',
};

export default async function ApiKeysPage({ params, searchParams }: ApiKeysProps) {
  const { user, workspace } = await memberOf((await params).workspace, 'admin');
  return (
    <PendingPage
      label="Loading the API keys"
      head={HEAD}
      actions={<Skeleton className="h-8 w-36" />}
      boxes={<SkeletonRows rows={5} />}
    >
      <ApiKeys user={user} workspace={workspace} query={await searchParams} />
    </PendingPage>
  );
}

type ApiKeysContentProps = { user: UserActor; workspace: Membership; query: Query };

async function ApiKeys({ user, workspace, query }: ApiKeysContentProps) {
  const path = `/w/${workspace.slug}/settings/api-keys`;
  const cursor = firstValue(query.cursor);
  const { sorting, shown } = readSorting(CREDENTIAL_SORTS, query, path);
  const firstHref = hrefWith(path, shown);
  const [settings, page, expiring, inForce, stops, asked] = await Promise.all([
    readWorkspace(workspace.id),
    orFirstPage(listApiKeys(workspace.id, { cursor, limit: PAGE_SIZE, sorted: sorting.sorted }), firstHref),
    findExpiringKeys(workspace.id),
    findKeysInForce(workspace.id),
    listMintingStops(workspace.id),
    readAsked(query, (ids) => findLiveKeys(workspace.id, ids)),
  ]);
  const ids = page.data.map(({ id }) => id);
  const [rotated, links] = await Promise.all([
    findRotatedKeys(workspace.id, ids),
    linksFor(
      workspace,
      page.data.map(({ created_by }) => created_by),
    ),
  ]);
  const notice: UndoableNotice | null =
    countedNotice(shownNotice<UndoableNotice>(KEY_NOTICES, query), query, KEYS) ?? asked.notice;
  const action = undoAllowKeys.bind(null, workspace.slug);
  const undo = await offerUndo({ notice, query, user, workspace, action });
  const areAllowed = settings.api_keys_allowed;
  const allow = allowKeys.bind(null, workspace.slug);

  return (
    <div className="flex flex-col gap-6">
      <PageHeader
        {...HEAD}
        actions={
          areAllowed && page.data.length > 0 ? (
            <ButtonLink size="sm" variant="primary" href={`${path}/new`}>
              <Plus aria-hidden />
              Create API key
            </ButtonLink>
          ) : null
        }
      />
      <MintingStopped stops={stops} />
      {notice ? <NoticeBanner notice={notice} dismissHref={firstHref} undo={undo} /> : null}
      {areAllowed ? (
        <ExpiringKeys keys={expiring} basePath={path} />
      ) : (
        <KeysForbidden action={allow} hasIssuers={hasIssuers()} />
      )}
      {page.data.length === 0 ? (
        <NoKeys createHref={areAllowed ? `${path}/new` : null} />
      ) : (
        <ApiKeyList
          keys={page.data}
          rotated={rotated}
          areAllowed={areAllowed}
          basePath={path}
          moveHref={hasIssuers() ? (id) => moveHref(workspace.slug, id) : null}
          kept={{ ...shown, cursor }}
          sorting={sorting}
          links={links}
        />
      )}
      <RevokeSeveral
        noun="key"
        selected={asked.selected}
        action={revokeKeys.bind(null, workspace.slug)}
        href={hrefWith(path, { ...shown, cursor })}
        version={await requestId()}
        kept={{ ...shown, cursor }}
      />
      <Pagination
        label="API keys"
        previous={{ href: cursor === undefined ? null : firstHref, text: 'First page' }}
        next={{
          href: page.next_cursor === null ? null : hrefWith(path, { ...shown, cursor: page.next_cursor }),
          text: 'Next',
        }}
      />
      {areAllowed ? (
        <KeysAllowedCard
          inForce={inForce}
          hasIssuers={hasIssuers()}
          action={allow}
          path={path}
          isAsked={firstValue(query.ask) === 'forbid'}
        />
      ) : null}
    </div>
  );
}
