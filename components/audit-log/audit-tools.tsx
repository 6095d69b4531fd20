import { ChevronDown, Download, GitCompareArrows, ShieldCheck } from 'lucide-react';
import { ButtonLink } from '../ui/button-link';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuTrigger,
  dropdownItemClasses,
} from '../ui/dropdown-menu';
import { Exporter } from './exporter';

type AuditToolsProps = {
  verifyHref: string;
  compareHref: string;
  /** The URLs for downloading the filtered log as a file; `null` if a filter is invalid. */
  exports: { csv: string; ndjson: string } | null;
  filtered: boolean;
  /** The number of events in the whole log. */
  events: number;
};

/** Buttons that export the log, compare it with GitHub's audit log and verify its chain. */
export function AuditTools({ verifyHref, compareHref, exports, filtered, events }: AuditToolsProps) {
  return (
    <>
      {exports ? (
        <Exporter expected={filtered ? null : events}>
          <DropdownMenu>
            <DropdownMenuTrigger className="h-8 rounded-md border border-border-strong bg-card px-3 font-medium text-13">
              <Download aria-hidden className="size-4" />
              Export
              <ChevronDown aria-hidden className="size-3.5 text-muted" />
            </DropdownMenuTrigger>
            <DropdownMenuContent className="sm:right-0 sm:left-auto">
              <p className="px-2.5 pt-1.5 pb-1 text-muted text-xs">
                {filtered ? 'What the filters show' : 'The whole log'}, oldest first. The export is itself an
                event.
              </p>
              <a href={exports.csv} download className={dropdownItemClasses}>
                CSV, for a spreadsheet
              </a>
              <a href={exports.ndjson} download className={dropdownItemClasses}>
                NDJSON, to verify it yourself
              </a>
            </DropdownMenuContent>
          </DropdownMenu>
        </Exporter>
      ) : null}
      <ButtonLink size="sm" href={compareHref}>
        <GitCompareArrows aria-hidden />
        Compare with GitHub
      </ButtonLink>
      <ButtonLink size="sm" href={verifyHref} scroll={false}>
        <ShieldCheck aria-hidden />
        Verify
      </ButtonLink>
    </>
  );
}
