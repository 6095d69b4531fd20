import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { countedNotice } from '@/app/counted-notice';
import { shownNotice } from '@/app/notices';
import { orFirstPage } from '@/app/page-reads';
import { readSorting } from '@/app/page-sorting';
import { firstValue, type Query, requestId, type SearchParams } from '@/app/request';
import { InvitationTable } from '@/components/members/invitation-table';
import { InviteForm } from '@/components/members/invite-form';
import type { Manageable } from '@/components/members/member-controls';
import { MemberList } from '@/components/members/member-list';
import { NoOneFound, PeopleSearch } from '@/components/members/people-search';
import { RemoveDialog } from '@/components/members/remove-dialog';
import { PageHeader } from '@/components/shell/page-header';
import { PendingPage } from '@/components/shell/pending-page';
import { ButtonLink } from '@/components/ui/button-link';
import { Card } from '@/components/ui/card';
import { NoticeBanner } from '@/components/ui/notice';
import { Pagination } from '@/components/ui/pagination';
import { RevokeSeveral } from '@/components/ui/revoke-several';
import { Skeleton } from '@/components/ui/skeleton';
import type { UserActor } from '@/lib/actor';
import type { Membership } from '@/lib/auth/session';
import { hasRole, type Member, ROLES, type Role } from '@/lib/contract/members';
import { searchText } from '@/lib/contract/pagination';
import { MEMBER_SORTS, sortedQuery } from '@/lib/contract/sort';
import { hrefWith } from '@/lib/http/href-with';
import { listInvitationLinks } from '@/lib/workspace/invitation-links';
import {
  countOwners,
  findPendingInvitations,
  searchInvitations,
  searchMembers,
} from '@/lib/workspace/list-members';
import { listMadeBy } from '@/lib/workspace/made-by';
import { memberOf } from '../../member-of';
import { offerUndo, type UndoableNotice } from '../../undo';
import { readAsked } from '../several';
import { changeRole, invite, remove, renew, revokeInvited, revokeSelected, undoPeople } from './actions';
import { MEMBER_NOTICES } from './notices';

export const metadata: Metadata = { title: 'Members' };

const PAGE_SIZE = 50;

const INVITATIONS = { one: 'invitation', already: 'no longer pending' };

type MembersProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

const HEAD = {
  title: 'Members',
  description:
    'Who may see this workspace. Admins and owners invite people, change roles and remove members.',
};

export default async function MembersPage({ params, searchParams }: MembersProps) {
  const { user, workspace } = await memberOf((await params).workspace);
  const boxes = <MembersBoxes isAdmin={hasRole(workspace.role, 'admin')} />;
  return (
    <PendingPage label="Loading the members" head={HEAD} boxes={boxes}>
      <Members user={user} workspace={workspace} query={await searchParams} />
    </PendingPage>
  );
}

type MembersContentProps = { user: UserActor; workspace: Membership; query: Query };

async function Members({ user, workspace, query }: MembersContentProps) {
  const path = `/w/${workspace.slug}/settings/members`;
  const q = searchText(firstValue(query.q) ?? '');
  const cursor = firstValue(query.cursor);
  const { sorting, shown } = readSorting(MEMBER_SORTS, query, path, { q });
  const firstHref = hrefWith(path, shown);
  const isAdmin = hasRole(workspace.role, 'admin');
  const { sorted } = sorting;
  const roles = ROLES.filter((role) => role !== 'owner' || workspace.role === 'owner');
  const mayManage = ({ role }: { role: Role }) => isAdmin && roles.includes(role);
  const [page, invitations, owners, links, asked] = await Promise.all([
    orFirstPage(searchMembers(workspace.id, { q, sorted, cursor, limit: PAGE_SIZE }), firstHref),
    searchInvitations(workspace.id, q),
    countOwners(workspace.id),
    isAdmin ? listInvitationLinks(workspace.id) : new Map<string, string>(),
    readAsked(query, async (ids) => (await findPendingInvitations(workspace.id, ids)).filter(mayManage)),
  ]);
  // The last member on this page was removed.
  if (cursor !== undefined && page.data.length === 0)
    redirect(hrefWith(path, { ...shown, notice: firstValue(query.notice) }));
  const leaving =
    isAdmin && firstValue(query.ask) === 'remove'
      ? page.data.find(
          (member) =>
            member.id === firstValue(query.id) && manageable(member, workspace.role, owners) === 'yes',
        )
      : undefined;
  const kept = { ...shown, cursor };
  const hereHref = hrefWith(path, kept);
  const notice: UndoableNotice | null =
    countedNotice(shownNotice<UndoableNotice>(MEMBER_NOTICES, query), query, INVITATIONS) ??
    (isAdmin ? asked.notice : null);
  const action = undoPeople.bind(null, workspace.slug);
  const undo = await offerUndo({ notice, query, user, workspace, action, kept });
  const newest = firstValue(query.invitation);

  return (
    <div className="flex flex-col gap-6">
      <PageHeader {...HEAD} />
      {notice ? (
        <NoticeBanner
          notice={notice}
          dismissHref={hereHref}
          undo={undo}
          // A link that has to be shared is something to do, so its notice is a banner. A toast could cover the link.
          actions={
            newest && links.has(newest) ? (
              <ButtonLink size="sm" href="#invitations">
                Show the link
              </ButtonLink>
            ) : null
          }
        />
      ) : null}
      {isAdmin ? <InviteForm action={invite.bind(null, workspace.slug)} roles={roles} kept={kept} /> : null}
      <PeopleSearch
        query={q}
        order={sortedQuery(MEMBER_SORTS, sorted)}
        members={page.total}
        invitations={invitations.length}
      />
      {page.data.length === 0 ? null : (
        <MemberList
          members={page.data.map((member) => ({
            member,
            manageable: manageable(member, workspace.role, owners),
            isReader: member.id === user.id,
          }))}
          sorting={sorting}
          roles={roles}
          basePath={path}
          kept={kept}
          changeRole={changeRole.bind(null, workspace.slug)}
          removeHref={(id) => hrefWith(path, { ...kept, ask: 'remove', id })}
        />
      )}
      {leaving ? (
        <RemoveDialog
          // A cancelled dialog may still be there when the same member is asked about again.
          key={await requestId()}
          member={leaving}
          isReader={leaving.id === user.id}
          hasCreated={(await listMadeBy(workspace.id, leaving.id)).length > 0}
          action={remove.bind(null, workspace.slug)}
          href={hereHref}
          kept={kept}
          basePath={path}
        />
      ) : null}
      <RevokeSeveral
        noun="invitation"
        selected={asked.selected.map(({ id, email }) => ({ id, name: email }))}
        action={revokeSelected.bind(null, workspace.slug)}
        href={hereHref}
        version={await requestId()}
        kept={kept}
      />
      <Pagination
        label="Members"
        previous={{ href: cursor === undefined ? null : firstHref, text: 'First page' }}
        next={{
          href: page.next_cursor === null ? null : hrefWith(path, { ...shown, cursor: page.next_cursor }),
          text: 'Next',
        }}
      />
      {page.data.length + invitations.length === 0 ? (
        <NoOneFound query={q} clearHref={hrefWith(path, { ...shown, q: null })} />
      ) : null}
      {invitations.length > 0 ? (
        <InvitationTable
          workspace={workspace.name}
          invitations={invitations.map((invitation) => ({
            invitation,
            manageable: mayManage(invitation),
            link: links.get(invitation.id),
          }))}
          newest={newest}
          path={path}
          kept={kept}
          actions={{
            renew: renew.bind(null, workspace.slug),
            revoke: revokeInvited.bind(null, workspace.slug),
          }}
        />
      ) : null}
    </div>
  );
}

const BOXES = ['a', 'b', 'c'];

/** Placeholder boxes for the search, the list, and the invitation form, which only admins see. */
function MembersBoxes({ isAdmin }: { isAdmin: boolean }) {
  return (
    <>
      {isAdmin ? <Skeleton shape="card" className="h-116 md:h-57.75" /> : null}
      <Skeleton className="h-17 sm:h-9" />
      <div className="grid gap-2">
        <Skeleton className="h-8 w-48 columned:hidden" />
        <Card className="divide-y">
          {BOXES.map((row) => (
            <div key={row} className="flex h-15.75 items-center gap-3 px-4 sm:px-5">
              <Skeleton shape="circle" className="size-9" />
              <Skeleton className="h-8 w-48" />
            </div>
          ))}
        </Card>
      </div>
    </>
  );
}

function manageable(member: Member, reader: Role, owners: number): Manageable {
  if (!hasRole(reader, 'admin')) return 'no';
  if (member.role !== 'owner') return 'yes';
  if (owners === 1) return 'last_owner';
  return reader === 'owner' ? 'yes' : 'owners_only';
}
