'use client';

import type { CheckReport } from '@/lib/contract/check-report';
import { counted } from '@/lib/contract/counted';
import { Form, useFormAction } from '../ui/form';
import { Icon } from '../ui/icon';
import { SubmitButton } from '../ui/submit-button';
import { Time } from '../ui/time';
import { CheckList } from './check-list';

export type AllChecksState = { report: CheckReport | null; problem: string | null };

type OperatorChecksProps = {
  /** The findings of the checks that ask nobody else. */
  quick: CheckReport;
  action: (state: AllChecksState, form: FormData) => Promise<AllChecksState>;
};

/** The checks, their result in one line, and the button that runs the rest of them. */
export function OperatorChecks({ quick, action }: OperatorChecksProps) {
  const [{ report, problem }, submit, isPending] = useFormAction(action, { report: null, problem: null });
  const shown = report ?? quick;
  const { title, tone, icon } = summaryOf(shown);
  const { left_out } = shown;
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-4 rounded-xl border bg-card p-5 sm:p-6">
        <div role="status" className="min-w-0 flex-1 basis-64">
          <p className="flex items-center gap-2 font-semibold text-base tracking-tight">
            <Icon name={icon} className={`size-5 shrink-0 ${tone}`} />
            {title}
          </p>
          <p className="mt-1 text-muted text-sm leading-relaxed">
            {isPending ? (
              'Running every check. This takes up to a minute.'
            ) : (
              <>
                Checked <Time value={shown.made_at} format="absolute" />.{' '}
                {left_out.length > 0
                  ? `${left_out.length} more checks ask GitHub and this app’s public address.`
                  : 'Every check was made.'}
              </>
            )}
          </p>
          {problem === null ? null : <p className="mt-2 text-danger text-sm">{problem}</p>}
        </div>
        <Form action={submit}>
          <SubmitButton variant="primary">{report === null ? 'Run all checks' : 'Run again'}</SubmitButton>
        </Form>
      </div>
      <CheckList report={shown} />
    </>
  );
}

type Summary = { title: string; tone: string; icon: 'check' | 'x' | 'alert' };

function summaryOf({ groups }: CheckReport): Summary {
  const all = groups.flatMap(({ findings }) => findings);
  const failed = all.filter(({ status }) => status === 'fail').length;
  const warned = all.filter(({ status }) => status === 'warn').length;
  const warnings = counted(warned, 'warning');
  if (failed > 0) {
    const title = `${counted(failed, 'check')} failed`;
    return { title: warned > 0 ? `${title}, ${warnings}` : title, tone: 'text-danger', icon: 'x' };
  }
  if (warned > 0) return { title: `No check failed, ${warnings}`, tone: 'text-warning', icon: 'alert' };
  return { title: `All ${counted(all.length, 'check')} passed`, tone: 'text-success', icon: 'check' };
}
