import { ChevronLeft, ChevronRight } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Button } from './button';

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
          <Button asChild size="sm">
            <Link href={previous.href} scroll={false}>
              <ChevronLeft aria-hidden />
              {previous.text}
            </Link>
          </Button>
        ) : null}
        {next ? (
          <Button asChild size="sm">
            <Link href={next.href} scroll={false}>
              {next.text}
              <ChevronRight aria-hidden />
            </Link>
          </Button>
        ) : null}
      </div>
    </nav>
  );
}
