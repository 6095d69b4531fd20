import type { ReactNode } from 'react';
import type { UnknownWord } from '@/lib/audit/unknown-words';
import type { AuditLogAddress } from '@/lib/contract/audit-log-href';
import { Button } from '../ui/button';
import { ButtonLink } from '../ui/button-link';
import { Input } from '../ui/field';
import { Icon } from '../ui/icon';
import { HiddenFields } from './hidden-fields';
import { QueryField } from './query-field';
import { SEARCH_FORM, SET_BY_SCRIPT, SETS } from './search-form';
import { SoftForm } from './soft-form';

type QueryFormProps = {
  /** The log's path without a query. */
  path: string;
  address: AuditLogAddress;
  /** The log without filters. */
  clearHref: string;
  /** The filters as one line. */
  text: string;
  /** The line as the page showed it before a mistake; otherwise the same as `text`. */
  shown: string;
  /** The zone of the line's times. */
  lineZone: string;
  problems: readonly { token: string; message: string }[];
  unknown: readonly UnknownWord[];
  /** The words that can stand before a colon. */
  words: readonly string[];
};

/**
 * One field for all filters, and the form to which all controls of the search belong. The server leads to the address of the
 * filters that were typed or chosen.
 */
export function QueryForm({ path, clearHref, address, text, shown, lineZone, ...told }: QueryFormProps) {
  const { problems, unknown, words } = told;
  return (
    <search className="min-w-0">
      <SoftForm
        id={SEARCH_FORM}
        action={path}
        // Not the zone, which a reader may change while typing.
        version={JSON.stringify([text, { ...address, zone: undefined }])}
        className="relative flex gap-2"
      >
        <HiddenFields address={address} shown={shown} lineZone={lineZone} />
        <QueryField>
          <Icon
            name="search"
            className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
          />
          <Input
            id="query"
            name="query"
            type="search"
            enterKeyHint="search"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            className="pl-9"
            aria-label="Search the audit log"
            aria-invalid={problems.length > 0 || undefined}
            aria-describedby="query-help query-told"
            placeholder="repo:acme/api on:tuesday -ip:10.0.0.0/8"
            defaultValue={text}
            maxLength={1000}
          />
        </QueryField>
        <Button type="submit" id="search" variant="primary">
          Search
        </Button>
        {text === '' ? null : (
          <ButtonLink href={clearHref} variant="ghost">
            Clear
          </ButtonLink>
        )}
        <button type="submit" id={SET_BY_SCRIPT} name={SETS} hidden />
      </SoftForm>
      <div id="query-told" aria-live="polite" className="grid gap-0.5 text-13 *:mt-1.5">
        {problems.length === 0 ? null : (
          <ul className="grid gap-0.5 text-danger">
            {problems.map(({ token, message }) => (
              <li key={token} className="wrap-anywhere">
                <Code>{token}</Code>: {message}
              </li>
            ))}
          </ul>
        )}
        {unknown.length === 0 ? null : <UnknownWords unknown={unknown} words={words} />}
      </div>
      <p id="query-help" className="mt-1.5 text-13 text-muted max-sm:sr-only">
        Days: <Code>on:tuesday</Code>, <Code>after:yesterday</Code> or <Code>before:2026-11-24</Code>. Events:{' '}
        <Code>type:tokens</Code>. Only <Code>ip:</Code> can be excluded, as <Code>-ip:10.0.0.0/8</Code>.
      </p>
    </search>
  );
}

/** Says which words look like a filter and were searched as text, because a mistyped filter would find nothing. */
function UnknownWords({ unknown, words }: Pick<QueryFormProps, 'unknown' | 'words'>) {
  return (
    <div className="grid gap-0.5 text-warning">
      {unknown.map(({ word, meant }) => (
        <p key={word} className="wrap-anywhere">
          <Code>{word}:</Code> is not a filter, so it was searched as text.
          {meant === null ? null : (
            <>
              {' '}
              Did you mean <Code>{meant}:</Code>?
            </>
          )}
        </p>
      ))}
      <p className="text-muted">
        Filters:{' '}
        {words.map((word) => (
          <span key={word}>
            <Code>{word}:</Code>{' '}
          </span>
        ))}
      </p>
    </div>
  );
}

function Code({ children }: { children: ReactNode }) {
  return <code className="font-mono text-xs">{children}</code>;
}
