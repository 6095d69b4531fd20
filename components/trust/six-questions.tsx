import type { Answer } from '@/lib/trust/answers';
import { Card } from '../ui/card';
import { StateMark } from './claim-state';

/** Answers the questions that a security review begins with, each with the state of its claims. */
export function SixQuestions({ answers }: { answers: readonly Answer[] }) {
  return (
    <Card>
      <dl className="grid grid-cols-1 md:grid-cols-2">
        {answers.map(({ question, answer, state, href }) => (
          <div
            key={question}
            data-state={state}
            className="border-b p-4 last:border-b-0 sm:px-5 md:odd:border-r md:nth-last-2:border-b-0"
          >
            <dt className="flex items-center justify-between gap-3 font-semibold text-15">
              {question}
              <StateMark state={state} />
            </dt>
            <dd className="mt-1 text-muted text-sm leading-relaxed">
              {answer}{' '}
              <a
                href={href}
                aria-label={`Evidence: ${question}`}
                className="whitespace-nowrap text-accent underline underline-offset-4 print:hidden"
              >
                Evidence
              </a>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
