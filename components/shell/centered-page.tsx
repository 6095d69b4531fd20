import type { ReactNode } from 'react';

/** A page with a single purpose, such as signing in, creating a workspace or showing an error. */
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

/** A pulse inside a square, in the colour of the surrounding text. */
export function Logo({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={className} fill="none">
      <rect width="24" height="24" rx="6" fill="currentColor" />
      <path
        d="M4 12.5h3.5l2.2-6 4 11 2.3-5H20"
        stroke="var(--background)"
        strokeWidth="1.9"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
