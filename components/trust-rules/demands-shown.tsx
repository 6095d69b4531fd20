import { UntrustedText } from '../ui/untrusted-text';
import type { Demands } from './presets';
import { workloadOf } from './rule-in-words';

/** Shows what a rule demands of a token: first in words, then each part as the token has to hold it. */
export function DemandsShown({ issuer, subject, claims }: Demands) {
  const { words } = workloadOf(subject);
  return (
    <div className="grid min-w-0 grid-cols-1 gap-3 text-sm">
      {words === subject ? null : <UntrustedText className="font-medium">{words}</UntrustedText>}
      <dl className="grid min-w-0 grid-cols-1 gap-x-4 gap-y-1.5 text-13 sm:grid-cols-[minmax(5rem,auto)_1fr]">
        <Demand term="Issuer" value={issuer} />
        <Demand term="Subject" value={subject} />
        {Object.entries(claims).map(([name, value]) => (
          <Demand key={name} term={name} value={value} isClaim />
        ))}
      </dl>
    </div>
  );
}

type DemandProps = { term: string; value: string; isClaim?: boolean };

function Demand({ term, value, isClaim = false }: DemandProps) {
  return (
    <>
      <dt className={isClaim ? 'wrap-anywhere font-mono text-muted' : 'text-muted'}>{term}</dt>
      <dd className="min-w-0 font-mono max-sm:mb-1.5">
        <UntrustedText>{value}</UntrustedText>
      </dd>
    </>
  );
}
