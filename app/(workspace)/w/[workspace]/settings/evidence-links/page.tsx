import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import { firstValue, type SearchParams } from '@/app/request';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { CreateLinkForm } from '@/components/trust/create-link-form';
import { LinkList } from '@/components/trust/link-list';
import { Card } from '@/components/ui/card';
import { NoticeBanner } from '@/components/ui/notice';
import { listEvidenceLinks } from '@/lib/evidence/links';
import { memberOf } from '../../member-of';
import { createLink, revokeLink } from './actions';
import { LINK_NOTICES, LINK_PAGE } from './notices';

export const metadata: Metadata = { title: 'Auditor links' };

type Props = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

export default async function EvidenceLinksPage({ params, searchParams }: Props) {
  const { workspace } = await memberOf((await params).workspace, 'admin');
  const path = `/w/${workspace.slug}${LINK_PAGE.path}`;
  const [links, query] = await Promise.all([listEvidenceLinks(workspace.id), searchParams]);
  const notice = shownNotice(LINK_NOTICES, query);
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <BackLink href={`/trust?workspace=${workspace.slug}`}>Trust</BackLink>
      <PageHeader
        title="Auditor links"
        description="A link opens this workspace’s Trust page and its evidence packs, without an account, and nothing else."
      />
      {notice ? <NoticeBanner notice={notice} dismissHref={path} /> : null}
      <Card className="p-5 sm:p-6">
        <CreateLinkForm action={createLink.bind(null, workspace.slug)} doneHref={path} />
      </Card>
      <LinkList
        links={links}
        revoke={revokeLink.bind(null, workspace.slug)}
        path={path}
        asked={firstValue(query.ask)}
      />
    </div>
  );
}
