import { ChevronRight, Info } from 'lucide-react';
import type { Claim, ClaimGroup, ClaimState } from '@/lib/trust/claim-states';
import { Card } from '../ui/card';
import { CLAIM_STATES, StateMark } from './claim-state';

/** Lists the claims by group. Evidence and limits are folded, except the limits of claims that hold only partly. */
export function ClaimList({ groups }: { groups: readonly ClaimGroup[] }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 md:grid-cols-2">
      {groups.map(({ title, claims }) => (
        <Card key={title} className="break-inside-avoid">
          <h3 className="border-b px-4 py-3 font-semibold text-sm">{title}</h3>
          <ul className="divide-y">
            {claims.map((claim) => (
              <ClaimRow key={claim.id} {...claim} />
            ))}
          </ul>
        </Card>
      ))}
    </div>
  );
}

/** Explains the marks, and counts the claims in each state. */
export function ClaimLegend({ groups }: { groups: readonly ClaimGroup[] }) {
  const all = groups.flatMap(({ claims }) => claims);
  return (
    <ul className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-muted text-sm">
      {(Object.keys(CLAIM_STATES) as ClaimState[]).map((state) => {
        const { text, Mark, colour } = CLAIM_STATES[state];
        return (
          <li key={state} className="flex items-center gap-1.5">
            <Mark aria-hidden className={`size-4 ${colour}`} />
            {text}:{' '}
            <span className="tabular-nums">{all.filter((claim) => claim.state === state).length}</span>
          </li>
        );
      })}
      <li>
        <a href="/docs/claims" className="text-accent underline underline-offset-4">
          Their tests
        </a>
      </li>
    </ul>
  );
}

function ClaimRow({ anchor, state, promise, evidence, see, limit, isPartly }: Claim) {
  return (
    <li id={anchor} data-state={state} className="text-sm target:bg-accent-surface">
      <details className="group">
        <summary className="flex min-h-10 items-start gap-2.5 px-4 py-2.5 leading-5 hover:bg-hover">
          <span className="pt-0.5">
            <StateMark state={state} />
          </span>
          <span className="wrap-anywhere min-w-0 flex-1">{promise}</span>
          <ChevronRight
            aria-hidden
            className="mt-0.5 size-4 shrink-0 text-muted transition-transform group-open:rotate-90 print:hidden"
          />
        </summary>
        <div className="wrap-anywhere px-4 pb-3 pl-10.5 text-13 text-muted leading-relaxed">
          <p>
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
          {limit && !isPartly ? <Limit>{limit}</Limit> : null}
        </div>
      </details>
      {limit && isPartly ? (
        <div className="-mt-1 px-4 pb-2.5 pl-10.5 text-13 text-muted leading-5">
          <Limit>{limit}</Limit>
        </div>
      ) : null}
    </li>
  );
}

function Limit({ children }: { children: string }) {
  return (
    <p className="mt-1 flex gap-2">
      <Info aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span>
        <span className="sr-only">Limit: </span>
        {children}
      </span>
    </p>
  );
}
