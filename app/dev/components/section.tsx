import type { ReactNode } from 'react';

/** One component, in the themes asked for, one under the other. */
export function Section({ name, children }: { name: string; children: ReactNode }) {
  const id = name.toLowerCase().replace(/[^a-z]+/g, '-');
  return (
    <div id={id} className="scroll-mt-4 border-t py-8">
      <h2 className="mb-5 font-semibold text-lg tracking-tight">{name}</h2>
      <div className="grid min-w-0 grid-cols-1 gap-6">{children}</div>
    </div>
  );
}

export function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <p className="mb-2 text-muted text-xs">{label}</p>
      <div className="flex min-w-0 flex-wrap items-center gap-3">{children}</div>
    </div>
  );
}

export function State({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <p className="mb-2 text-muted text-xs">{label}</p>
      {children}
    </div>
  );
}
