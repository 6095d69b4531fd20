import { FlaskConical, Plus } from 'lucide-react';
import type { Metadata } from 'next';
import { countedNotice } from '@/app/counted-notice';
import { shownNotice } from '@/app/notices';
import { orFirstPage } from '@/app/page-reads';
import { readSorting } from '@/app/page-sorting';
import { firstValue, type Query, requestId, type SearchParams } from '@/app/request';
import { MintingStopped } from '@/components/github/minting-stopped';
import { PageHeader } from '@/components/shell/page-header';
import { PendingPage } from '@/components/shell/pending-page';
import { NoIssuers } from '@/components/trust-rules/no-issuers';
import { NoRules, RuleList } from '@/components/trust-rules/rule-list';
import { ButtonLink } from '@/components/ui/button-link';
import { NoticeBanner } from '@/components/ui/notice';
import { Pagination } from '@/components/ui/pagination';
import { RevokeSeveral } from '@/components/ui/revoke-several';
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton';
import type { Membership } from '@/lib/auth/session';
import type { Notice } from '@/lib/contract/notice';
import { CREDENTIAL_SORTS } from '@/lib/contract/sort';
import { hrefWith } from '@/lib/http/href-with';
import { hasIssuers } from '@/lib/workload/issuers';
import { findLiveRules, listTrustRules } from '@/lib/workload/read-rules';
import { listMintingStops } from '@/lib/workspace/minting-stops';
import { linksFor } from '../../links-for';
import { memberOf } from '../../member-of';
import { readAsked } from '../several';
import { revokeRules } from './actions';
import { RULE_NOTICES } from './notices';

export const metadata: Metadata = { title: 'Trust rules' };

const PAGE_SIZE = 25;

const RULES = { one: 'trust rule', already: 'already revoked' };

type TrustRulesProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

const HEAD = {
  title: 'Trust rules',
  description:
    'Workflows and services that get tokens without an API key. Each proves who it is by an identity token of its platform.',
};

export default async function TrustRulesPage({ params, searchParams }: TrustRulesProps) {
  const { workspace } = await memberOf((await params).workspace, 'admin');
  return (
    <PendingPage
      label="Loading the trust rules"
      head={HEAD}
      actions={<Skeleton className="h-8 w-36" />}
      boxes={<SkeletonRows rows={5} />}
    >
      <TrustRules workspace={workspace} query={await searchParams} />
    </PendingPage>
  );
}

async function TrustRules({ workspace, query }: { workspace: Membership; query: Query }) {
  const path = `/w/${workspace.slug}/settings/trust-rules`;
  const cursor = firstValue(query.cursor);
  const { sorting, shown } = readSorting(CREDENTIAL_SORTS, query, path);
  const firstHref = hrefWith(path, shown);
  const [page, stops, asked] = await Promise.all([
    orFirstPage(
      listTrustRules(workspace.id, { cursor, limit: PAGE_SIZE, sorted: sorting.sorted }),
      firstHref,
    ),
    listMintingStops(workspace.id),
    readAsked(query, (ids) => findLiveRules(workspace.id, ids)),
  ]);
  const notice = countedNotice<Notice>(shownNotice(RULE_NOTICES, query), query, RULES) ?? asked.notice;
  const createHref = hasIssuers() ? `${path}/new` : null;
  return (
    <div className="flex flex-col gap-6">
      <PageHeader
        {...HEAD}
        actions={page.data.length > 0 ? <RuleActions path={path} createHref={createHref} /> : null}
      />
      <MintingStopped stops={stops.filter(({ scope }) => scope !== 'api_key')} />
      {notice ? <NoticeBanner notice={notice} dismissHref={firstHref} /> : null}
      {hasIssuers() ? null : <NoIssuers />}
      {page.data.length === 0 ? (
        <NoRules
          createHref={createHref}
          referenceHref={`/docs/api?workspace=${workspace.slug}#trust-rules`}
        />
      ) : (
        <RuleList
          rules={page.data}
          basePath={path}
          kept={{ ...shown, cursor }}
          sorting={sorting}
          links={
            await linksFor(
              workspace,
              page.data.map(({ created_by }) => created_by),
            )
          }
        />
      )}
      <RevokeSeveral
        noun="rule"
        selected={asked.selected}
        action={revokeRules.bind(null, workspace.slug)}
        href={hrefWith(path, { ...shown, cursor })}
        version={await requestId()}
        kept={{ ...shown, cursor }}
      />
      <Pagination
        label="Trust rules"
        previous={{ href: cursor === undefined ? null : firstHref, text: 'First page' }}
        next={{
          href: page.next_cursor === null ? null : hrefWith(path, { ...shown, cursor: page.next_cursor }),
          text: 'Next',
        }}
      />
    </div>
  );
}

function RuleActions({ path, createHref }: { path: string; createHref: string | null }) {
  return (
    <>
      <ButtonLink size="sm" href={`${path}/test`}>
        <FlaskConical aria-hidden />
        Test a token
      </ButtonLink>
      {createHref === null ? null : (
        <ButtonLink size="sm" variant="primary" href={createHref}>
          <Plus aria-hidden />
          Create trust rule
        </ButtonLink>
      )}
    </>
  );
}
