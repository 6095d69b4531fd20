import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { ButtonLink } from './button-link';

type PaginationProps = {
  /** What is paged, for the landmark: "Repositories". */
  label: string;
  previous: { href: string; text: string } | null;
  next: { href: string; text: string } | null;
  summary?: ReactNode;
};

/** Keyset pages are links, so that they work without JavaScript and can be shared. */
export function Pagination({ label, previous, next, summary }: PaginationProps) {
  if (!previous && !next && !summary) return null;
  return (
    <nav aria-label={`${label}, pages`} className="flex flex-wrap items-center justify-between gap-3">
      <p className="text-[13px] text-muted tabular-nums">{summary}</p>
      <div className="flex gap-2">
        {previous ? (
          <ButtonLink size="sm" href={previous.href}>
            <ChevronLeft aria-hidden />
            {previous.text}
          </ButtonLink>
        ) : null}
        {next ? (
          <ButtonLink size="sm" href={next.href}>
            {next.text}
            <ChevronRight aria-hidden />
          </ButtonLink>
        ) : null}
      </div>
    </nav>
  );
}
