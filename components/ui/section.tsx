import type { ReactNode } from 'react';

type SectionProps = { id: string; title: ReactNode; about?: ReactNode; children: ReactNode };

/** A part of a page, named by its heading. */
export function Section({ id, title, about, children }: SectionProps) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className={`font-semibold text-lg tracking-tight ${about ? 'mb-1' : 'mb-3'}`}>
        {title}
      </h2>
      {about ? <p className="wrap-anywhere mb-3 text-muted text-sm">{about}</p> : null}
      {children}
    </section>
  );
}
