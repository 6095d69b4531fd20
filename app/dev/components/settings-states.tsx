import { ApiKeyList } from '@/components/api-keys/api-key-list';
import { KeyFacts } from '@/components/api-keys/key-facts';
import { NewKey } from '@/components/api-keys/new-key';
import { NewKeyNotice } from '@/components/api-keys/new-key-notice';
import { NoKeys } from '@/components/api-keys/no-keys';
import { InvitationTable } from '@/components/members/invitation-table';
import { InviteForm } from '@/components/members/invite-form';
import { type Manageable, MemberList } from '@/components/members/member-list';
import { SkeletonRows } from '@/components/ui/skeleton';
import type { ApiKey } from '@/lib/contract/api-keys';
import type { Member } from '@/lib/contract/members';
import { doNothing } from './do-nothing';
import { HOSTILE } from './samples';
import { Section, State } from './section';

const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

const key = (n: number, more: Partial<ApiKey>): ApiKey => ({
  id: `0b6f3c1e-52f4-4bd0-8f3a-00000000000${n}`,
  name: 'engine',
  display_prefix: 'psk_demo_x7Qa',
  repositories: null,
  status: 'active',
  created_by: 'olivia@acme.test',
  created_at: at(-400),
  expires_at: null,
  last_used_at: at(-0.1),
  revoked_at: null,
  ...more,
});

const replaced = key(3, { name: 'nightly', expires_at: at(20) });
const KEYS: ApiKey[] = [
  key(1, {}),
  key(2, { name: 'scanner', expires_at: at(60), repositories: [{ id: 1, full_name: 'acme/api' }] }),
  replaced,
  key(4, { name: HOSTILE.long, status: 'expired', expires_at: at(-3), last_used_at: null }),
  key(5, {
    name: `${HOSTILE.markup}${HOSTILE.rightToLeft}`,
    status: 'revoked',
    revoked_at: at(-2),
    created_by: null,
    repositories: [
      { id: 1, full_name: `acme/${HOSTILE.long}` },
      { id: 2, full_name: null },
      { id: 3, full_name: HOSTILE.emoji },
    ],
  }),
];

const member = (n: number, more: Partial<Member>): Member => ({
  id: `1b6f3c1e-52f4-4bd0-8f3a-00000000000${n}`,
  status: 'active',
  email: 'olivia@acme.test',
  name: null,
  role: 'owner',
  since: at(-900),
  expires_at: null,
  ...more,
});

const MEMBERS: { member: Member; manageable: Manageable; isReader: boolean }[] = [
  { member: member(1, { name: 'Olivia Owner' }), manageable: 'last_owner', isReader: true },
  { member: member(2, { email: 'sam@acme.test' }), manageable: 'owners_only', isReader: false },
  {
    member: member(3, { email: `${HOSTILE.long}@acme.test`, role: 'admin', name: HOSTILE.rightToLeft }),
    manageable: 'yes',
    isReader: false,
  },
  { member: member(4, { email: 'mona@acme.test', role: 'member' }), manageable: 'no', isReader: false },
];

export function SettingsStates() {
  return (
    <>
      <Section name="API keys">
        <ApiKeyList
          keys={KEYS}
          rotated={new Set([replaced.id])}
          basePath="/dev/components?part=settings&key="
        />
        <NoKeys createHref="?" />
        <State label="one key">
          <KeyFacts apiKey={replaced} state="rotated" />
        </State>
        <State label="shown once">
          <NewKey
            notice={<NewKeyNotice />}
            created={{ name: HOSTILE.markup, key: `psk_demo_${'sample'.repeat(6)}xx`, note: '' }}
            mintUrl="https://pulsestream.example/api/v1/internal/github/token"
            doneHref="?"
          />
        </State>
      </Section>
      <Section name="Members">
        <InviteForm
          action={doNothing}
          roles={['member', 'admin', 'owner']}
          joinUrl="https://pulsestream.example/new"
        />
        <MemberList
          members={MEMBERS}
          roles={['member', 'admin', 'owner']}
          actions={{ changeRole: doNothing, remove: doNothing }}
        />
        <InvitationTable
          revoke={doNothing}
          invitations={[
            {
              invitation: member(5, { email: 'mia@acme.test', status: 'invited', expires_at: at(100) }),
              revocable: true,
            },
            {
              invitation: member(6, {
                email: `${HOSTILE.long}@acme.test`,
                status: 'invited',
                role: 'admin',
                expires_at: at(1),
              }),
              revocable: false,
            },
          ]}
        />
      </Section>
      <Section name="Loading">
        <State label="API keys, loading">
          <SkeletonRows rows={5} />
        </State>
      </Section>
    </>
  );
}
