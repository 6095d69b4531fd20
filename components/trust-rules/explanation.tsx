import type { ExplainedRule, Explanation as TokenExplanation } from '@/lib/workload/explain';
import { Badge, type Tone } from '../ui/badge';
import { cn } from '../ui/cn';
import { Icon } from '../ui/icon';
import { UntrustedText } from '../ui/untrusted-text';

type ExplanationProps = {
  explanation: TokenExplanation;
  /** The path of the list of rules. A rule's page is below it. */
  rulesHref: string;
};

/** Says whether a token is accepted, and marks for each rule which parts match and which don't. */
export function Explanation({ explanation, rulesHref }: ExplanationProps) {
  const { title, accepted } = outcomeOf(explanation);
  return (
    <section aria-label="Result" className="grid min-w-0 grid-cols-1 gap-4">
      <div
        role="status"
        className={cn(
          'rounded-xl border p-4 text-sm',
          accepted ? 'border-success-border bg-success-surface' : 'border-warning-border bg-warning-surface',
        )}
      >
        <h2 className="font-medium">{title}</h2>
        {explanation.verified ? (
          <p className="mt-1 leading-relaxed">
            Signature, audience and times are right. Its subject is{' '}
            <UntrustedText className="font-mono text-13">{explanation.subject}</UntrustedText>
            {explanation.rules.length === 0
              ? ', and this workspace has no trust rule for its issuer.'
              : ', and its issuer’s rules say:'}
          </p>
        ) : (
          <p className="mt-1 leading-relaxed">{explanation.sentence}</p>
        )}
      </div>
      {explanation.verified && explanation.rules.length > 0 ? (
        <ul aria-label="Rules" className="grid min-w-0 grid-cols-1 gap-4">
          {explanation.rules.map((rule) => (
            <Rule key={rule.id} rule={rule} subject={explanation.subject} href={`${rulesHref}/${rule.id}`} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function outcomeOf(explanation: TokenExplanation): { title: string; accepted: boolean } {
  if (!explanation.verified) return { title: 'This token proves nothing here', accepted: false };
  const accepted = explanation.rules.some(({ verdict }) => verdict === 'wins');
  return { title: accepted ? 'This token is accepted' : 'No trust rule matches this token', accepted };
}

const VERDICTS: Record<ExplainedRule['verdict'], { label: string; tone: Tone; meaning: string }> = {
  wins: { label: 'Accepts it', tone: 'success', meaning: 'The token gets what this rule grants.' },
  narrower_rule_wins: {
    label: 'Narrower rule first',
    tone: 'info',
    meaning: 'It matches, but a narrower rule that matches too decides.',
  },
  subject_differs: { label: 'Does not match', tone: 'neutral', meaning: '' },
  claims_differ: { label: 'Does not match', tone: 'neutral', meaning: '' },
  expired: { label: 'Expired', tone: 'neutral', meaning: 'The rule has expired.' },
};

/** One part of a rule, compared with the token. */
type Part = { part: string; wanted: string; found: string | null; matches: boolean };

/** Returns the parts that decided about a rule. Its claims are compared only if the subject matches. */
function partsOf(rule: ExplainedRule, subject: string): Part[] {
  if (rule.verdict === 'expired') return [];
  const matches = rule.verdict !== 'subject_differs';
  const parts = [{ part: 'Subject', wanted: rule.subject, found: subject, matches }];
  if (rule.verdict !== 'claims_differ') return parts;
  return [...parts, ...rule.claims.map(({ name, ...values }) => ({ part: name, ...values, matches: false }))];
}

function Rule({ rule, subject, href }: { rule: ExplainedRule; subject: string; href: string }) {
  const { name, verdict } = rule;
  const { label, tone, meaning } = VERDICTS[verdict];
  const parts = partsOf(rule, subject);
  return (
    <li className="min-w-0 rounded-xl border bg-card p-4 text-sm">
      <div className="flex flex-wrap items-center gap-2">
        <a href={href} className="font-medium underline underline-offset-4 hover:no-underline">
          <UntrustedText>{name}</UntrustedText>
        </a>
        <Badge tone={tone}>{label}</Badge>
      </div>
      {meaning ? <p className="mt-1 text-13 text-muted">{meaning}</p> : null}
      {parts.length === 0 ? null : (
        <ul aria-label="Parts" className="mt-3 grid min-w-0 grid-cols-1 gap-2 text-13">
          {parts.map((part) => (
            <ComparedPart key={`${part.part} ${part.wanted}`} {...part} />
          ))}
        </ul>
      )}
    </li>
  );
}

function ComparedPart({ part, wanted, found, matches }: Part) {
  return (
    <li className="flex min-w-0 gap-2">
      <Icon
        name={matches ? 'check' : 'x'}
        className={cn('mt-0.5 size-4 shrink-0', matches ? 'text-success' : 'text-danger')}
      />
      <div className="min-w-0">
        <UntrustedText className="font-medium">{part}</UntrustedText> {matches ? 'matches' : 'does not match'}
        <dl className="grid min-w-0 grid-cols-[auto_1fr] gap-x-3 text-muted">
          <dt>Rule</dt>
          <dd className="min-w-0 font-mono">
            <UntrustedText>{wanted}</UntrustedText>
          </dd>
          {matches && wanted === found ? null : (
            <>
              <dt>Token</dt>
              <dd className={cn('min-w-0', found === null ? '' : 'font-mono')}>
                {found === null ? 'has no such claim' : <UntrustedText>{found}</UntrustedText>}
              </dd>
            </>
          )}
        </dl>
      </div>
    </li>
  );
}
