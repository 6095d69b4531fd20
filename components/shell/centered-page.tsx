import type { ReactNode } from 'react';
import { Logo } from './logo';

/** A page with one thing to do: sign in, create a workspace, read an error. */
export function CenteredPage({ children, footer }: { children: ReactNode; footer?: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 py-10 sm:justify-center sm:py-16">
      <header className="mb-8 flex items-center gap-2.5">
        <Logo className="size-7" />
        <span className="font-semibold text-lg tracking-tight">PulseStream</span>
      </header>
      <main id="content" tabIndex={-1} className="w-full max-w-md outline-none">
        {children}
      </main>
      {footer ? <footer className="mt-8 text-muted text-sm">{footer}</footer> : null}
    </div>
  );
}
