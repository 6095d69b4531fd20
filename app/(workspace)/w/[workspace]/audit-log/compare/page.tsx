import type { Metadata } from 'next';
import type { SearchParams } from '@/app/request';
import { CompareForm } from '@/components/audit-log/compare-form';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { Card } from '@/components/ui/card';
import { TOO_LARGE } from '@/lib/http/action-form';
import { memberOf } from '../../member-of';
import { compareLogs } from './actions';
import { LOG_TOO_LARGE, MAX_LOG_BYTES } from './limit';

export const metadata: Metadata = { title: 'Compare with GitHub’s audit log' };

type CompareProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

export default async function ComparePage({ params, searchParams }: CompareProps) {
  const { workspace } = await memberOf((await params).workspace, 'admin');
  const isTooLarge = (await searchParams).notice === TOO_LARGE;
  return (
    <div className="flex max-w-2xl flex-col gap-6">
      <BackLink href={`/w/${workspace.slug}/audit-log`}>Audit log</BackLink>
      <PageHeader
        title="Compare with GitHub’s audit log"
        description="GitHub keeps its own record of what our tokens did, which we can’t change. Both logs name a token by the same hash, so every token in GitHub’s log must be in yours."
      />
      <Card className="p-5 sm:p-6">
        <CompareForm
          action={compareLogs.bind(null, workspace.slug)}
          maxBytes={MAX_LOG_BYTES}
          problem={isTooLarge ? LOG_TOO_LARGE : null}
        />
      </Card>
      <section className="text-muted text-sm leading-relaxed">
        <h2 className="mb-1 font-medium text-foreground">Get the file</h2>
        As an owner, open your organization’s Settings › Audit log on GitHub, narrow it to the period you want
        and choose Export, JSON. If GitHub streams the log to storage, Splunk or Datadog, export it there. If
        the file is too large, export a shorter period.
      </section>
    </div>
  );
}
