import { InvitationList } from '@/components/first-run/invitation-list';
import { WaitingInvitations } from '@/components/first-run/waiting-invitations';
import { SiteHeader } from '@/components/shell/site-header';
import { SiteNav } from '@/components/shell/site-nav';
import { ThemeSwitch } from '@/components/shell/theme-switch';
import { UserMenu } from '@/components/shell/user-menu';
import { WorkspaceSwitcher } from '@/components/shell/workspace-switcher';
import { SignInCard, type SignInProvider } from '@/components/sign-in/sign-in-card';
import { doNothing } from './do-nothing';
import { HOSTILE } from './samples';
import { Section, State } from './section';

const PROVIDERS: SignInProvider[] = [
  { id: 'github', name: 'GitHub' },
  { id: 'google', name: 'Google' },
  { id: 'oidc', name: 'Acme SSO' },
];
const signIn = { csrfToken: 'sample', callbackUrl: '/', error: null };

function Header({ name, environment }: { name: string; environment: string }) {
  const current = { slug: 'acme', name };
  return (
    <SiteHeader
      environment={environment}
      homeHref="/dev/components?part=entrance"
      context={
        <WorkspaceSwitcher current={current} workspaces={[current, { slug: 'globex', name: 'Globex' }]} />
      }
      account={
        <UserMenu
          email="olivia@acme.test"
          memberRole="owner"
          csrfToken={null}
          themeSwitch={<ThemeSwitch current="system" action={doNothing} />}
        />
      }
      nav={
        <SiteNav
          label="Workspace"
          items={[
            { href: '/dev/components', label: 'GitHub' },
            { href: '/dev/components?part=api-keys', label: 'API keys' },
            { href: '/dev/components?part=members', label: 'Members' },
            { href: '/dev/components?part=audit-log', label: 'Audit log' },
            { href: '/dev/components?part=trust', label: 'Trust' },
          ]}
        />
      }
    />
  );
}

export function EntranceStates() {
  return (
    <>
      <Section name="Shell">
        <State label="an ordinary name">
          <Header name="Acme" environment="demo" />
        </State>
        <State label="a hostile name, in production">
          <Header name={HOSTILE.long} environment="prod" />
        </State>
      </Section>
      <Section name="Sign-in">
        <div className="grid gap-6 md:grid-cols-2">
          <SignInCard
            {...signIn}
            providers={PROVIDERS}
            devLogin={false}
            error="The sign-in was interrupted."
          />
          <SignInCard {...signIn} providers={PROVIDERS.slice(0, 1)} devLogin />
        </div>
      </Section>
      <Section name="Invitations">
        <State label="one, below the header of another workspace">
          <WaitingInvitations from={['Hooli']} reviewHref="?part=entrance" />
        </State>
        <State label="several, of a hostile name">
          <WaitingInvitations from={[HOSTILE.long, 'Hooli', 'Globex']} reviewHref="?part=entrance" />
        </State>
        <InvitationList
          accept={doNothing}
          invitations={[
            {
              id: '1',
              workspace: 'Globex',
              role: 'admin',
              expires_at: new Date(Date.now() + 4e8).toISOString(),
            },
            {
              id: '2',
              workspace: HOSTILE.long,
              role: 'member',
              expires_at: new Date(Date.now() + 4e7).toISOString(),
            },
          ]}
        />
      </Section>
    </>
  );
}
