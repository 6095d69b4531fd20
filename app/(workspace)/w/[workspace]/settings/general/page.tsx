import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import { firstValue, type Query, type SearchParams } from '@/app/request';
import { PageHeader } from '@/components/shell/page-header';
import { PendingPage } from '@/components/shell/pending-page';
import { NoticeBanner } from '@/components/ui/notice';
import { Skeleton } from '@/components/ui/skeleton';
import { DeleteCard } from '@/components/workspace/delete-card';
import { LeaveCard } from '@/components/workspace/leave-card';
import { RenameCard } from '@/components/workspace/rename-card';
import { TransferCard } from '@/components/workspace/transfer-card';
import type { UserActor } from '@/lib/actor';
import type { Membership } from '@/lib/auth/session';
import { planWorkspaceDeletion } from '@/lib/workspace/close-workspace';
import { listMembers } from '@/lib/workspace/members';
import { memberOf } from '../../member-of';
import { offerUndo, type UndoableNotice } from '../../undo';
import { deleteForever, leave, rename, transfer, undoRename } from './actions';
import { GENERAL_NOTICES, GENERAL_PAGE } from './notices';

export const metadata: Metadata = { title: 'General' };

type GeneralProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

const HEAD = { title: 'General', description: 'The workspace’s name, its owner and your membership.' };

export default async function GeneralPage({ params, searchParams }: GeneralProps) {
  const { user, workspace } = await memberOf((await params).workspace);
  return (
    <PendingPage
      label="Loading the settings"
      head={HEAD}
      boxes={<Skeleton shape="card" className="h-44 max-w-2xl" />}
    >
      <General user={user} workspace={workspace} query={await searchParams} />
    </PendingPage>
  );
}

type GeneralContentProps = { user: UserActor; workspace: Membership; query: Query };

async function General({ user, workspace, query }: GeneralContentProps) {
  const { id, slug, name, role } = workspace;
  const path = `/w/${slug}${GENERAL_PAGE.path}`;
  const isOwner = role === 'owner';
  const members = (await listMembers(id)).filter(({ status }) => status === 'active');
  const isLastOwner = isOwner && members.filter((member) => member.role === 'owner').length === 1;
  const asked = firstValue(query.ask);
  const notice = shownNotice<UndoableNotice>(GENERAL_NOTICES, query);
  const action = undoRename.bind(null, slug);
  const undo = await offerUndo({ notice, query, user, workspace, action });
  return (
    <div className="flex max-w-2xl flex-col gap-6">
      <PageHeader {...HEAD} />
      {notice ? <NoticeBanner notice={notice} dismissHref={path} undo={undo} /> : null}
      <RenameCard name={name} slug={slug} action={isOwner ? rename.bind(null, slug) : null} />
      {isOwner ? (
        <TransferCard
          members={members.filter((member) => member.id !== user.id)}
          action={transfer.bind(null, slug)}
          path={path}
          membersHref={`/w/${slug}/settings/members`}
          isAsked={asked === 'transfer'}
        />
      ) : null}
      <LeaveCard
        isLastOwner={isLastOwner}
        action={leave.bind(null, slug)}
        path={path}
        isAsked={asked === 'leave'}
      />
      {isOwner ? (
        <DeleteCard
          slug={slug}
          plan={await planWorkspaceDeletion(id)}
          action={deleteForever.bind(null, slug)}
          path={path}
          isAsked={asked === 'delete'}
        />
      ) : null}
    </div>
  );
}
