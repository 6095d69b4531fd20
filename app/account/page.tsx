import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import { applyZone, currentTheme, firstValue, type SearchParams } from '@/app/request';
import { PublicPage, readVisitor } from '@/app/site-headers';
import { setTheme } from '@/app/theme';
import { Preferences } from '@/components/account/preferences-card';
import { SessionList } from '@/components/account/session-list';
import { SignInMethods } from '@/components/account/sign-in-methods';
import { PageHeader } from '@/components/shell/page-header';
import { NoticeBanner } from '@/components/ui/notice';
import { currentSessionId, requireUser } from '@/lib/auth/current-user';
import { signInProviders } from '@/lib/auth/providers';
import { listSessions, listSignInMethods } from '@/lib/auth/sessions';
import { getConfig } from '@/lib/config';
import { endOne, setZone, signOutEverywhere } from './actions';
import { ACCOUNT_NOTICES, ACCOUNT_PAGE } from './notices';

export const metadata: Metadata = { title: 'Account' };

const HEAD = {
  title: 'Account',
  description: 'How you sign in, where you’re signed in, and how pages look.',
};

export default async function AccountPage({ searchParams }: { searchParams: SearchParams }) {
  const user = await requireUser();
  const zone = await applyZone();
  const [visitor, methods, sessions, current, theme] = await Promise.all([
    readVisitor(searchParams),
    listSignInMethods(user.id),
    listSessions(user.id),
    currentSessionId(),
    currentTheme(),
  ]);
  const names = new Map(signInProviders(getConfig()).map(({ id, name }) => [id, name]));
  const query = await searchParams;
  const notice = shownNotice(ACCOUNT_NOTICES, query);
  return (
    <PublicPage visitor={visitor} className="flex max-w-2xl flex-col gap-8 pt-8 pb-20 sm:pt-10">
      <PageHeader {...HEAD} />
      {notice ? <NoticeBanner notice={notice} dismissHref={ACCOUNT_PAGE.path} /> : null}
      <SignInMethods email={user.label} methods={methods} names={names} />
      <SessionList
        sessions={sessions}
        current={current}
        names={names}
        actions={{ endOne, signOutEverywhere }}
        path={ACCOUNT_PAGE.path}
        asked={firstValue(query.ask)}
      />
      <Preferences zone={zone} theme={theme} actions={{ setZone, setTheme }} />
    </PublicPage>
  );
}
