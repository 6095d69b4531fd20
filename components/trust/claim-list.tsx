import { Info } from 'lucide-react';
import { Badge, type Tone } from '../ui/badge';
import { Rows } from '../ui/rows';
import { Section } from '../ui/section';

/**
 * How well this page can show that a claim holds:
 *
 * - `checked`: we checked it while rendering this page, and it holds;
 * - `by_design`: code and tests ensure it, but the page can't check it;
 * - `partly`: it holds within the stated limit;
 * - `unknown`: we could usually check it, but not at the moment;
 * - `broken`: we checked it while rendering this page, and it doesn't hold.
 */
export type ClaimState = 'checked' | 'by_design' | 'partly' | 'unknown' | 'broken';

const STATES = {
  checked: { text: 'Checked just now', tone: 'success' },
  by_design: { text: 'By design', tone: 'neutral' },
  partly: { text: 'Partly', tone: 'warning' },
  unknown: { text: 'Not checked', tone: 'neutral' },
  broken: { text: 'Does not hold', tone: 'danger' },
} as const satisfies Record<ClaimState, { text: string; tone: Tone }>;

export type Claim = {
  id: string;
  state: ClaimState;
  /** The promise, in plain words for customers. */
  promise: string;
  /** The evidence, gathered while rendering this page. */
  evidence: string;
  /** Link to further evidence on this page. */
  see?: { href: string; text: string };
  /** The limit within which the promise holds, if it has one. */
  limit?: string | undefined;
};

export type ClaimGroup = { title: string; claims: Claim[] };

export function ClaimList({ groups }: { groups: ClaimGroup[] }) {
  return (
    <div className="grid grid-cols-1 gap-8">
      {groups.map(({ title, claims }) => (
        <Section key={title} id={slug(title)} title={title}>
          <Rows>
            {claims.map((claim) => (
              <ClaimRow key={claim.id} {...claim} />
            ))}
          </Rows>
        </Section>
      ))}
    </div>
  );
}

function ClaimRow({ id, state, promise, evidence, see, limit }: Claim) {
  return (
    <li
      id={id}
      data-state={state}
      className="grid grid-cols-1 gap-x-4 gap-y-2 px-4 py-4 text-sm sm:grid-cols-[minmax(0,1fr)_auto] sm:px-5"
    >
      <p className="sm:order-last">
        <Badge tone={STATES[state].tone}>{STATES[state].text}</Badge>
      </p>
      <div className="wrap-anywhere min-w-0 leading-relaxed">
        <p>
          <span className="font-medium">{promise}</span>{' '}
          <a href={`#${id}`} className="whitespace-nowrap font-mono text-muted text-xs hover:underline">
            {id}
          </a>
        </p>
        <p className="mt-1 text-muted">
          {evidence}
          {see ? (
            <>
              {' '}
              <a href={see.href} className="text-accent underline underline-offset-4">
                {see.text}
              </a>
            </>
          ) : null}
        </p>
        {limit ? (
          <p className="mt-1.5 flex gap-2 text-[13px] text-muted">
            <Info aria-hidden className="mt-1 size-3.5 shrink-0" />
            <span>{limit}</span>
          </p>
        ) : null}
      </div>
    </li>
  );
}

function slug(title: string): string {
  return title.toLowerCase().replace(/[^a-z]+/g, '-');
}
