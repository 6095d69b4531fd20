import type { Metadata } from 'next';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { NoIssuers } from '@/components/trust-rules/no-issuers';
import { TestTokenForm } from '@/components/trust-rules/token-test-form';
import { Card } from '@/components/ui/card';
import { getConfig } from '@/lib/config';
import { memberOf } from '../../../member-of';
import { testToken } from '../actions';

export const metadata: Metadata = { title: 'Test a token' };

export default async function TestTokenPage({ params }: { params: Promise<{ workspace: string }> }) {
  const { workspace } = await memberOf((await params).workspace, 'admin');
  const path = `/w/${workspace.slug}/settings/trust-rules`;
  const { issuers, audience } = getConfig().workload;
  return (
    <div className="flex max-w-2xl flex-col gap-6">
      <BackLink href={path}>Trust rules</BackLink>
      <PageHeader
        title="Test a token"
        description="Shows which trust rule an identity token matches, or what keeps it from matching. Nothing is issued, and the token stays unused."
      />
      {issuers.length === 0 ? <NoIssuers /> : null}
      <Card className="p-5 sm:p-6">
        <TestTokenForm
          action={testToken.bind(null, workspace.slug)}
          rulesHref={path}
          hint={
            <>
              A JWT for the audience <code className="wrap-anywhere font-mono">{audience}</code>. It is
              checked once, and neither stored nor logged.
            </>
          }
        />
      </Card>
    </div>
  );
}
