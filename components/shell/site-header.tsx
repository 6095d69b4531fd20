import type { ReactNode } from 'react';
import { Badge } from '../ui/badge';
import { Link } from '../ui/link';
import { Logo } from './centered-page';

type SiteHeaderProps = {
  /**
   * dev, demo, staging or prod. Every environment but prod shows its name in the header, so nobody mistakes one for
   * another.
   */
  environment: string;
  /** The URL that the logo links to. */
  homeHref: string;
  /** Shown beside the logo: the current workspace. */
  context?: ReactNode;
  /** Shown at the right edge: the user's menu. */
  account?: ReactNode;
  /** Shown in a second row. */
  nav?: ReactNode;
};

export function SiteHeader({ environment, homeHref, context, account, nav }: SiteHeaderProps) {
  return (
    <header className="border-b bg-background print:hidden">
      {/* With very large text, the account moves to a second line. */}
      <div className="mx-auto flex min-h-14 max-w-6xl flex-wrap items-center gap-2 px-4 sm:gap-3">
        <div className="flex min-w-0 flex-1 basis-40 items-center gap-2 sm:gap-3">
          <Link href={homeHref} aria-label="PulseStream, home" className="rounded-md">
            <Logo />
          </Link>
          {context ? (
            <>
              <span aria-hidden className="text-border-strong text-lg">
                /
              </span>
              {context}
            </>
          ) : (
            <span className="font-semibold text-15 tracking-tight max-sm:hidden">PulseStream</span>
          )}
          {environment === 'prod' ? null : <Badge tone="warning">{environment}</Badge>}
        </div>
        <div className="ml-auto flex items-center gap-2">{account}</div>
      </div>
      {nav ? <div className="mx-auto max-w-6xl">{nav}</div> : null}
    </header>
  );
}
