import { FlaskConical } from 'lucide-react';
import type { Metadata } from 'next';
import { shownNotice } from '@/app/notices';
import { orNotFound } from '@/app/page-reads';
import { firstValue, type SearchParams } from '@/app/request';
import { RevokeCard } from '@/components/credentials/revoke-card';
import { isEnded, ruleState } from '@/components/credentials/state';
import { MintingStopped } from '@/components/github/minting-stopped';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { EditRuleForm } from '@/components/trust-rules/edit-rule-form';
import { formatClaims } from '@/components/trust-rules/presets';
import { RuleFacts } from '@/components/trust-rules/rule-facts';
import { snippetFor } from '@/components/trust-rules/snippets';
import { ButtonLink } from '@/components/ui/button-link';
import { Card, CardContent, CardHeader } from '@/components/ui/card';
import { CodeBlock } from '@/components/ui/code-block';
import { NoticeBanner } from '@/components/ui/notice';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { getConfig } from '@/lib/config';
import type { TrustRule } from '@/lib/contract/trust-rules';
import { isUuid } from '@/lib/db/uuid';
import { listRepositories } from '@/lib/installation/list-repositories';
import { findTrustRule } from '@/lib/workload/read-rules';
import { listMintingStops } from '@/lib/workspace/minting-stops';
import { linksFor } from '../../../links-for';
import { memberOf } from '../../../member-of';
import { Use } from '../../../use-of-actor';
import { EXPIRIES } from '../../api-keys/choices';
import { changeRule, revokeRule } from '../actions';
import { editRuleForm, KEEP } from '../choices';
import { RULE_NOTICES } from '../notices';

export const metadata: Metadata = { title: 'Trust rule' };

type TrustRuleProps = { params: Promise<{ workspace: string; id: string }>; searchParams: SearchParams };

export default async function TrustRulePage({ params, searchParams }: TrustRuleProps) {
  const { workspace: slug, id } = await params;
  const { workspace } = await memberOf(slug, 'admin');
  const settings = `/w/${workspace.slug}/settings`;
  const path = `${settings}/trust-rules`;
  const query = await searchParams;
  const rule = await orNotFound(findTrustRule(workspace.id, id));
  const state = ruleState(rule, new Date());
  const stops = await listMintingStops(workspace.id);
  const notice = shownNotice(RULE_NOTICES, query);
  const replaced = firstValue(query.from);
  return (
    <div className="flex max-w-4xl flex-col gap-6">
      <BackLink href={path}>Trust rules</BackLink>
      <PageHeader
        title={<UntrustedText>{rule.name}</UntrustedText>}
        description="A trust rule of this workspace. A workload whose identity token matches it can get tokens."
        actions={
          <ButtonLink size="sm" href={`${path}/test`}>
            <FlaskConical aria-hidden />
            Test a token
          </ButtonLink>
        }
      />
      <MintingStopped stops={stops.filter(({ scope }) => scope !== 'api_key')} />
      {notice ? (
        <NoticeBanner
          notice={notice}
          dismissHref={`${path}/${rule.id}`}
          actions={
            notice === RULE_NOTICES.moved && replaced && isUuid(replaced) ? (
              <ButtonLink size="sm" href={`${settings}/api-keys/${replaced}`}>
                Go to the API key
              </ButtonLink>
            ) : null
          }
        />
      ) : null}
      <RuleFacts rule={rule} state={state} links={await linksFor(workspace, [rule.created_by])} />
      <Use workspace={workspace} of={{ actorId: rule.id }} />
      {isEnded(state) ? null : (
        <>
          <UseCard rule={rule} workspace={workspace} />
          <Card>
            <CardHeader title="Edit">
              Issuer and subject stay as they are. To trust another subject, create another rule.
            </CardHeader>
            <CardContent>
              <EditRuleForm
                action={changeRule.bind(null, workspace.slug)}
                initial={await editRuleForm(workspace.id, rule)}
                id={rule.id}
                expiries={[{ value: KEEP, label: endInWords(rule) }, ...EXPIRIES]}
                canEditClaims={formatClaims(rule.claims) !== null}
              />
            </CardContent>
          </Card>
          <RevokeCard
            credential={rule}
            noun="rule"
            title="Revoke"
            consequence="The workloads that it trusts get no more tokens."
            action={revokeRule.bind(null, workspace.slug)}
            path={`${path}/${rule.id}`}
            isAsked={firstValue(query.ask) === 'revoke'}
          />
        </>
      )}
    </div>
  );
}

const endInWords = ({ expires_at }: TrustRule): string =>
  expires_at === null ? 'As now: never' : `As now: ${expires_at.slice(0, 10)}`;

type UseCardProps = { rule: TrustRule; workspace: { id: string; slug: string } };

async function UseCard({ rule, workspace }: UseCardProps) {
  const { publicUrl, github, workload } = getConfig();
  const { title, about, code } = snippetFor({
    url: publicUrl,
    audience: workload.audience,
    workspace: workspace.slug,
    subject: rule.subject,
    repository: await findRepository(workspace.id, rule),
    github,
  });
  return (
    <Card>
      <CardHeader title="Use it">
        This clones a repository, and revokes its token at the end. {about}
      </CardHeader>
      <CardContent>
        <section aria-label={title} className="grid grid-cols-1 gap-2">
          <h3 className="font-medium text-13">{title}</h3>
          <CodeBlock code={code} label="the code" />
        </section>
        <p className="mt-3 text-13 text-muted">
          Audience of its identity tokens:{' '}
          <code className="wrap-anywhere font-mono">{workload.audience}</code>
        </p>
      </CardContent>
    </Card>
  );
}

/** Returns a repository for the example: one that the rule grants and that is shared now. */
async function findRepository(workspaceId: string, { repositories }: TrustRule): Promise<string | undefined> {
  const repositoryIds = repositories?.map(({ id }) => id) ?? null;
  const { data } = await listRepositories({ workspaceId, repositoryIds }, { limit: 1 });
  return data[0]?.full_name;
}
