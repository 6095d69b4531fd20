import Link from 'next/link';
import type { ReactNode } from 'react';
import { Badge } from '../ui/badge';
import { Logo } from './centered-page';

type SiteHeaderProps = {
  /** dev, demo, staging or prod. All but prod are marked, so that nobody mistakes one for another. */
  environment: string;
  /** The address behind the logo. */
  homeHref: string;
  /** Beside the logo: the workspace. */
  context?: ReactNode;
  /** At the right end: the user. */
  account?: ReactNode;
  /** Second row. */
  nav?: ReactNode;
};

export function SiteHeader({ environment, homeHref, context, account, nav }: SiteHeaderProps) {
  return (
    <header className="border-b bg-background">
      <div className="mx-auto flex h-14 max-w-6xl items-center gap-2 px-4 sm:gap-3">
        {/* A prefetch would load the scripts of a workspace on a page outside workspaces. */}
        <Link href={homeHref} prefetch={false} aria-label="PulseStream, home" className="rounded-md">
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
          <span className="font-semibold text-[15px] tracking-tight max-sm:hidden">PulseStream</span>
        )}
        {environment === 'prod' ? null : <Badge tone="warning">{environment}</Badge>}
        <div className="ml-auto flex items-center gap-2">{account}</div>
      </div>
      {nav ? <div className="mx-auto max-w-6xl">{nav}</div> : null}
    </header>
  );
}
