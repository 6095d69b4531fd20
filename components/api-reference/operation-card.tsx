'use client';

import { Fragment, type ReactNode } from 'react';
import type { JsonSchema } from '@/lib/contract/json-schema';
import { Badge, type Tone } from '../ui/badge';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { Icon } from '../ui/icon';
import { FieldList, fieldsOf, TypeOf } from './schema-fields';

const TONES: Record<string, Tone> = { get: 'info', post: 'success', patch: 'warning', delete: 'danger' };

export type OperationView = {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string | null;
  /** The callers allowed to use the operation, and how often. */
  who: string;
  parameters: { name: string; in: string; required: boolean; schema: JsonSchema }[];
  /** The schema of the request body; `null` if the operation takes none. */
  body: JsonSchema | null;
  curl: string;
  answer: {
    status: string;
    description: string;
    schema: JsonSchema | null;
    /** The example as indented JSON. */
    example: string | null;
  };
  problems: string[];
};

/** A client component, so the page's data for scripts holds an operation once and compactly, not every element of it. */
export function OperationCard({ operation }: { operation: OperationView }) {
  const { id, method, path, summary, description, who, parameters, body, curl, answer, problems } = operation;
  const of = (where: string) => parameters.filter((parameter) => parameter.in === where);
  return (
    <Card className="overflow-hidden" data-found-by-text="">
      <details className="group">
        <summary className="flex items-start gap-3 px-4 py-3.5 hover:bg-hover sm:px-5">
          <div className="min-w-0 flex-1">
            <h3 className="font-medium text-sm">{summary}</h3>
            <p className="mt-1.5 flex flex-wrap items-center gap-2 text-13">
              <Badge tone={TONES[method] ?? 'neutral'} className="font-mono uppercase">
                {method}
              </Badge>
              <code className="wrap-anywhere min-w-0 font-mono text-muted">{path}</code>
            </p>
          </div>
          <Icon
            name="chevronRight"
            className="mt-0.5 size-4 shrink-0 text-muted transition-transform group-open:rotate-90"
          />
        </summary>
        {/* A link to an id inside a closed <details> opens it, so the id is here and not on the card. */}
        <div id={id} className="grid scroll-mt-24 grid-cols-1 gap-4 border-t px-4 py-4 sm:px-5">
          {description ? <p className="text-sm leading-relaxed">{description}</p> : null}
          <p className="text-13 text-muted">{who}</p>
          <FieldList title="In the path" fields={of('path')} input />
          <FieldList title="In the query" fields={of('query')} input />
          <FieldList title="Body" fields={body ? fieldsOf(body) : []} input />
          <CodeBlock code={curl} label={`the command for “${summary}”`} />
          <Answer {...answer} summary={summary} />
          <p className="reference-links reference-errors text-13 text-muted leading-loose">
            Errors:{' '}
            {problems.map((code, index) => (
              <Fragment key={code}>
                {index > 0 ? ' · ' : ''}
                <a href={`#${code}`}>{code}</a>
              </Fragment>
            ))}
          </p>
        </div>
      </details>
    </Card>
  );
}

function Answer({
  status,
  description,
  schema,
  example,
  summary,
}: OperationView['answer'] & { summary: string }): ReactNode {
  const fields = schema?.$ref === undefined && schema !== null ? fieldsOf(schema) : [];
  return (
    <div className="reference-links text-13">
      <p>
        <span className="font-medium">Answer {status}.</span>{' '}
        <span className="text-muted">{description}</span> {schema?.$ref ? <TypeOf schema={schema} /> : null}
      </p>
      {fields.length > 0 ? (
        <div className="mt-2">
          <FieldList title="Fields of the answer" fields={fields} input={false} />
        </div>
      ) : null}
      {example === null ? null : (
        <div className="mt-2">
          <CodeBlock code={example} label={`the answer to “${summary}”`} />
        </div>
      )}
    </div>
  );
}
