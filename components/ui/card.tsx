import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn';

export function Card({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('rounded-xl border bg-card', className)} {...props} />;
}

/** The head of a card, followed by a {@link CardContent}. */
export function CardHeader({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1 p-5 sm:p-6">
      <h2 className="font-semibold text-base tracking-tight">{title}</h2>
      <p className="text-muted text-sm leading-relaxed">{children}</p>
    </div>
  );
}

export function CardContent({ children }: { children: ReactNode }) {
  return <div className="px-5 pb-5 sm:px-6 sm:pb-6">{children}</div>;
}

export function CardFooter({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-b-xl border-t bg-surface px-5 py-3 sm:px-6">
      {children}
    </div>
  );
}

/** A term and its value in a `<dl>`. */
export function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-13 text-muted">{term}</dt>
      <dd className="wrap-anywhere mt-0.5">{children}</dd>
    </div>
  );
}
