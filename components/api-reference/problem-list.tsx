'use client';

import { Card } from '../ui/card';

export type ProblemView = { code: string; status: number; title: string; help: string };

/**
 * Lists the problem codes. Every problem response has a `type` URL that points to the code's entry in this list. A
 * client component for the same reason as `OperationCard`.
 */
export function ProblemList({ problems }: { problems: ProblemView[] }) {
  return (
    <Card>
      <ul className="divide-y">
        {problems.map(({ code, status, title, help }) => (
          <li
            key={code}
            id={code}
            data-found-by-text=""
            className="scroll-mt-6 px-4 py-3 text-sm target:bg-accent-surface sm:px-5"
          >
            <p className="flex flex-wrap items-baseline gap-x-3">
              <a
                href={`#${code}`}
                className="wrap-anywhere min-h-6 font-medium font-mono text-13 leading-6 hover:underline"
              >
                {code}
              </a>
              <span className="text-muted tabular-nums">
                {status} {title}
              </span>
            </p>
            <p className="mt-0.5 text-muted leading-relaxed">
              {help.split('`').map((part, index) =>
                index % 2 === 0 ? (
                  part
                ) : (
                  <code key={part} className="font-mono text-foreground text-xs">
                    {part}
                  </code>
                ),
              )}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
