import { ChevronRight } from 'lucide-react';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { describeApi } from '@/app/api/routes';
import type { SearchParams } from '@/app/request';
import { PublicHeader, readVisitor } from '@/app/site-headers';
import { ObjectCard } from '@/components/api-reference/object-card';
import { OperationCard } from '@/components/api-reference/operation-card';
import { ProblemList } from '@/components/api-reference/problem-list';
import { ReferenceSearch } from '@/components/api-reference/reference-search';
import { PageHeader } from '@/components/shell/page-header';
import { CodeBlock } from '@/components/ui/code-block';
import { getConfig } from '@/lib/config';
import { PROBLEMS, type ProblemCode } from '@/lib/problem';
import { languageSamples } from './languages';
import { PROBLEM_HELP } from './problem-help';
import { readReader } from './reader';
import { operationGroups, sentObjects } from './reference';
import { samples } from './samples';

export const metadata: Metadata = {
  title: 'API',
  description: 'Every route of the API, from the schemas that validate its requests.',
};

const link = 'text-accent underline underline-offset-4';

/** Renders the OpenAPI document for humans. The page is public. */
export default async function ApiPage({ searchParams }: { searchParams: SearchParams }) {
  const config = getConfig();
  const document = describeApi();
  const visitor = await readVisitor(searchParams);
  const reader = await readReader(visitor.workspace);
  const groups = operationGroups(document, reader);
  const customers = groups.filter(({ isInternal }) => !isInternal);
  const operators = groups.filter(({ isInternal }) => isInternal);
  const parts: Heading[] = [
    { id: 'start', title: 'Start' },
    ...customers.map(({ tag }) => ({ id: anchor(tag), title: tag })),
    { id: 'languages', title: 'Python and Go' },
    { id: 'errors', title: 'Errors' },
    { id: 'objects', title: 'Objects' },
    { id: 'operators', title: 'For operators' },
  ];
  const sent = sentObjects(document);
  const objects = Object.entries(document.components.schemas).filter(([name]) => name !== 'Json');
  const codes = Object.keys(PROBLEMS) as ProblemCode[];
  return (
    <>
      <PublicHeader visitor={visitor} />
      <div className="mx-auto grid max-w-6xl grid-cols-1 gap-x-10 px-4 pt-8 pb-20 sm:pt-10 lg:grid-cols-[13rem_minmax(0,1fr)]">
        <nav aria-label="On this page" className="sticky top-8 self-start max-lg:hidden">
          <Contents parts={parts} />
        </nav>
        <main id="content" tabIndex={-1} className="flex min-w-0 flex-col gap-10 outline-none">
          <PageHeader
            title="API"
            description={
              <>
                JSON in and out, times in RFC 3339 UTC, unknown fields refused. Also available as{' '}
                <a href="/api/v1/openapi.json" className={link}>
                  OpenAPI 3.1
                </a>
                .
              </>
            }
          />
          <ReferenceSearch />
          <details className="group rounded-xl border bg-card lg:hidden">
            <summary className="flex items-center gap-2 px-4 py-3 font-medium text-sm">
              <ChevronRight
                aria-hidden
                className="size-4 text-muted transition-transform group-open:rotate-90"
              />
              On this page
            </summary>
            <nav aria-label="On this page" className="border-t px-4 py-2">
              <Contents parts={parts} />
            </nav>
          </details>
          <Part id="start" title="Quickstart: get a token and clone">
            {samples({ origin: config.publicUrl, githubWebUrl: config.github.webUrl, reader }).map(
              ({ title, code }) => (
                <div key={title}>
                  <h3 className="mb-2 font-medium text-13">{title}</h3>
                  <CodeBlock code={code} label={`the example for ${title}`} />
                </div>
              ),
            )}
          </Part>
          {customers.map(({ tag, operations }) => (
            <Part key={tag} id={anchor(tag)} title={tag}>
              {operations.map((operation) => (
                <OperationCard key={operation.id} operation={operation} />
              ))}
            </Part>
          ))}
          <Part id="languages" title="Python and Go, with nothing installed">
            {languageSamples({
              origin: config.publicUrl,
              githubWebUrl: config.github.webUrl,
              repository: reader.repository,
            }).map(({ title, code }) => (
              <div key={title}>
                <h3 className="mb-2 font-medium text-13">{title}</h3>
                <CodeBlock code={code} label={`the example for ${title}`} />
              </div>
            ))}
          </Part>
          <Part id="errors" title="Errors">
            <p className="text-muted text-sm leading-relaxed">
              Every error is <code className="font-mono text-xs">application/problem+json</code> (RFC 9457).
              Act on <code className="font-mono text-xs">code</code>; what it says in words may change. Its{' '}
              <code className="font-mono text-xs">type</code> leads here.
            </p>
            <ProblemList
              problems={codes.map((code) => ({ code, ...PROBLEMS[code], help: PROBLEM_HELP[code] }))}
            />
          </Part>
          <Part id="objects" title="Objects">
            {objects.map(([name, schema]) => (
              <ObjectCard key={name} name={name} schema={schema} sent={sent.has(name)} />
            ))}
          </Part>
          <Part id="operators" title="For operators">
            <p className="text-muted text-sm leading-relaxed">
              Browsers, GitHub and the operator’s tools call these routes. Customers’ programs don’t need
              them.
            </p>
            {operators.map(({ tag, operations }) => (
              <section key={tag} aria-labelledby={`${anchor(tag)}-title`} className="grid grid-cols-1 gap-3">
                <h3 id={`${anchor(tag)}-title`} className="mt-2 font-medium text-sm">
                  {tag}
                </h3>
                {operations.map((operation) => (
                  <OperationCard key={operation.id} operation={operation} />
                ))}
              </section>
            ))}
          </Part>
        </main>
      </div>
    </>
  );
}

type Heading = { id: string; title: string };

function Contents({ parts }: { parts: Heading[] }) {
  return (
    <ul className="grid gap-y-1 text-sm">
      {parts.map(({ id, title }) => (
        <li key={id}>
          <a href={`#${id}`} className="block rounded-md py-1 text-muted hover:text-foreground">
            {title}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Part({ id, title, children }: Heading & { children: ReactNode }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="scroll-mt-6">
      <h2 id={`${id}-title`} className="mb-3 font-semibold text-lg tracking-tight">
        {title}
      </h2>
      <div className="grid grid-cols-1 gap-3">{children}</div>
    </section>
  );
}

function anchor(tag: string): string {
  return tag.toLowerCase().replaceAll(' ', '-');
}
