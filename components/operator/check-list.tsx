import type { CheckFinding, CheckReport } from '@/lib/contract/check-report';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { Icon } from '../ui/icon';
import { Section } from '../ui/section';
import { UntrustedText } from '../ui/untrusted-text';

const LOOKS = {
  fail: { tone: 'danger', label: 'Failed' },
  warn: { tone: 'warning', label: 'Warning' },
} as const;

/** Lists the failures, then the warnings, then everything that passes, by subject. */
export function CheckList({ report: { groups, left_out } }: { report: CheckReport }) {
  const all = groups.flatMap(({ findings }) => findings);
  const wrong = [
    ...all.filter(({ status }) => status === 'fail'),
    ...all.filter(({ status }) => status === 'warn'),
  ];
  const passed = groups
    .map(({ title, findings }) => ({ title, findings: findings.filter(({ status }) => status === 'ok') }))
    .filter(({ findings }) => findings.length > 0);
  return (
    <>
      {wrong.length === 0 ? null : (
        <Section id="attention" title="Needs attention">
          <Card>
            <ul className="divide-y">
              {wrong.map((finding) => (
                <Wrong key={finding.id} {...finding} />
              ))}
            </ul>
          </Card>
        </Section>
      )}
      <Section id="passed" title="Passed">
        <Card className="divide-y">
          {passed.map(({ title, findings }) => (
            <div key={title} className="px-4 py-4 sm:px-5">
              <h3 className="mb-2 text-13 text-muted">{title}</h3>
              <ul className="flex flex-col gap-2">
                {findings.map((finding) => (
                  <Passed key={finding.id} {...finding} />
                ))}
              </ul>
            </div>
          ))}
        </Card>
      </Section>
      {left_out.length === 0 ? null : (
        <Section id="left-out" title="Not run yet">
          <p className="text-muted text-sm leading-relaxed">
            {left_out.map((id, index) => (
              <span key={id}>
                <code className="whitespace-nowrap font-mono text-13 text-foreground">{id}</code>
                {index < left_out.length - 1 ? ', ' : '. '}
              </span>
            ))}
            They make about twenty calls to GitHub, send a signed ping to the public address and let GitHub
            repeat its newest delivery, which has no second effect.
          </p>
        </Section>
      )}
    </>
  );
}

const ID = 'font-mono text-13';

function Wrong({ id, status, found, todo }: CheckFinding) {
  if (status === 'ok') return null;
  const { tone, label } = LOOKS[status];
  return (
    <li className="px-4 py-4 text-sm sm:px-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <code className={`${ID} font-medium`}>{id}</code>
        <Badge tone={tone}>{label}</Badge>
      </p>
      <p className="mt-1.5 leading-relaxed">
        <UntrustedText>{found}</UntrustedText>
      </p>
      {todo === '' ? null : (
        <p className="mt-1.5 text-muted leading-relaxed">
          <span className="font-medium text-foreground">What to do: </span>
          <UntrustedText>{todo}</UntrustedText>
        </p>
      )}
    </li>
  );
}

function Passed({ id, found }: CheckFinding) {
  return (
    <li className="flex gap-2.5 text-sm">
      <Icon name="check" className="mt-0.5 size-4 shrink-0 text-success" />
      <div className="min-w-0 flex-1 gap-x-4 sm:grid sm:grid-cols-[11.5rem_minmax(0,1fr)]">
        <code className={`${ID} wrap-anywhere block sm:pt-px`}>{id}</code>
        <p className="text-muted leading-relaxed">
          <UntrustedText>{found}</UntrustedText>
        </p>
      </div>
    </li>
  );
}
