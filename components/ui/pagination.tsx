import { ChevronLeft, ChevronRight } from 'lucide-react';
import { ButtonLink } from './button-link';

/** `href` is `null` at the end of the list. */
type PageLink = { href: string | null; text: string };

type PaginationProps = {
  /** The name of the list, for the landmark: `Repositories`. */
  label: string;
  previous: PageLink;
  next: PageLink;
};

/** Leads from page to page of a list by links, which work without JavaScript and can be shared. */
export function Pagination({ label, previous, next }: PaginationProps) {
  if (previous.href === null && next.href === null) return null;
  return (
    <nav aria-label={`${label}, pages`} className="flex flex-wrap justify-end gap-2">
      {previous.href === null ? null : (
        <ButtonLink size="sm" href={previous.href}>
          <ChevronLeft aria-hidden />
          {previous.text}
        </ButtonLink>
      )}
      {next.href === null ? null : (
        <ButtonLink size="sm" href={next.href}>
          {next.text}
          <ChevronRight aria-hidden />
        </ButtonLink>
      )}
    </nav>
  );
}
