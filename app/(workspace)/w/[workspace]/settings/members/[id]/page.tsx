import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { orNotFound } from '@/app/page-reads';
import { MemberFacts } from '@/components/members/member-facts';
import { ObjectList } from '@/components/objects/object-list';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { Time } from '@/components/ui/time';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { hasRole } from '@/lib/contract/members';
import { listMadeBy, MAX_MADE } from '@/lib/workspace/made-by';
import { findMember } from '@/lib/workspace/members';
import { memberOf } from '../../../member-of';
import { Use } from '../../../use-of-actor';

export const metadata: Metadata = { title: 'Member' };

type MemberProps = { params: Promise<{ workspace: string; id: string }> };

export default async function MemberPage({ params }: MemberProps) {
  const { workspace: slug, id } = await params;
  const { user, workspace } = await memberOf(slug);
  const member = await orNotFound(findMember(workspace.id, id));
  // An invited person has no page: nothing is known about them yet.
  if (member.status !== 'active') notFound();
  const settings = `/w/${workspace.slug}/settings`;
  const isAdmin = hasRole(workspace.role, 'admin');
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <BackLink href={`${settings}/members`}>Members</BackLink>
      <PageHeader
        title={<UntrustedText>{member.name ?? member.email}</UntrustedText>}
        description={
          isAdmin
            ? 'A member of this workspace: what they created that still works, and what they did.'
            : 'A member of this workspace.'
        }
      />
      <MemberFacts member={member} isReader={member.id === user.id} />
      {isAdmin ? (
        <>
          <ObjectList
            id="made"
            title="Created by this member"
            objects={(await listMadeBy(workspace.id, member.id)).map(({ at, ...made }) => ({
              ...made,
              about: <Time value={at} />,
            }))}
            limit={MAX_MADE}
            none="No key, trust rule or connection that still works."
            settings={settings}
          />
          <Use workspace={workspace} of={{ actorId: member.id }} />
        </>
      ) : null}
    </div>
  );
}
