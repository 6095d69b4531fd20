import { ChevronLeft, ChevronRight } from 'lucide-react';
import { ButtonLink } from './button-link';

/** `href` is `null` if there is no such page. */
type PageLink = { href: string | null; text: string };

type PaginationProps = {
  /** The list's name, such as `Repositories`. It labels the navigation landmark. */
  label: string;
  previous: PageLink;
  next: PageLink;
};

/**
 * Links to the previous and next page of a list. They're plain links, so they work without JavaScript and can be
 * shared.
 */
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
