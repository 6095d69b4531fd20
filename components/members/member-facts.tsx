import type { Member } from '@/lib/contract/members';
import { Avatar } from '../ui/avatar';
import { Badge } from '../ui/badge';
import { Card, Fact } from '../ui/card';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

const ROLES = { owner: 'Owner', admin: 'Admin', member: 'Member' } as const satisfies Record<
  Member['role'],
  string
>;

/** Shows who a member is. */
export function MemberFacts({ member, isReader }: { member: Member; isReader: boolean }) {
  const { name, email, role, since } = member;
  return (
    <Card className="flex flex-wrap items-start gap-4 p-5 sm:p-6">
      <Avatar name={name ?? email} />
      <dl className="grid min-w-0 flex-1 basis-56 grid-cols-1 gap-x-6 gap-y-4 text-sm sm:grid-cols-2">
        <Fact term="Email">
          <UntrustedText>{email}</UntrustedText>
          {isReader ? <span className="text-muted"> (you)</span> : null}
        </Fact>
        <Fact term="Role">
          <Badge tone={role === 'owner' ? 'info' : 'neutral'}>{ROLES[role]}</Badge>
        </Fact>
        <Fact term="Joined">
          <Time value={since} />
        </Fact>
      </dl>
    </Card>
  );
}
