import { CircleCheck, Info } from 'lucide-react';
import { Card } from '../ui/card';

export type Claim = {
  id: string;
  /** What we promise, in the reader's words. */
  promise: string;
  /** What shows it, here and now. */
  evidence: string;
  /** Where on the page the evidence stands. */
  see?: { href: string; text: string };
  /** Where the promise ends. */
  limit?: string | undefined;
};

export type ClaimGroup = { title: string; claims: Claim[] };

export function ClaimList({ groups }: { groups: ClaimGroup[] }) {
  return (
    <div className="grid grid-cols-1 gap-8">
      {groups.map(({ title, claims }) => (
        <section key={title} aria-labelledby={slug(title)}>
          <h2 id={slug(title)} className="mb-3 font-semibold text-lg tracking-tight">
            {title}
          </h2>
          <Card>
            <ul className="divide-y">
              {claims.map((claim) => (
                <ClaimRow key={claim.id} {...claim} />
              ))}
            </ul>
          </Card>
        </section>
      ))}
    </div>
  );
}

function ClaimRow({ id, promise, evidence, see, limit }: Claim) {
  return (
    <li id={id} className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 px-4 py-4 text-sm sm:px-5">
      <CircleCheck aria-hidden className="mt-0.5 size-4 text-success" />
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
