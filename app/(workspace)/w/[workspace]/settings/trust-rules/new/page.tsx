import type { Metadata } from 'next';
import { firstValue, type SearchParams } from '@/app/request';
import { BackLink, PageHeader } from '@/components/shell/page-header';
import { CreateRuleForm } from '@/components/trust-rules/create-rule-form';
import { NoIssuers } from '@/components/trust-rules/no-issuers';
import { PresetTabs } from '@/components/trust-rules/preset-tabs';
import { isPreset, PRESETS, presetOf } from '@/components/trust-rules/presets';
import { Card } from '@/components/ui/card';
import { UntrustedText } from '@/components/ui/untrusted-text';
import { getConfig } from '@/lib/config';
import { hrefWith } from '@/lib/http/href-with';
import { memberOf } from '../../../member-of';
import { EXPIRIES } from '../../api-keys/choices';
import { createRule } from '../actions';
import { findReplacedKey, newRuleForm } from '../choices';

export const metadata: Metadata = { title: 'New trust rule' };

type NewRuleProps = { params: Promise<{ workspace: string }>; searchParams: SearchParams };

export default async function NewTrustRulePage({ params, searchParams }: NewRuleProps) {
  const { workspace } = await memberOf((await params).workspace, 'admin');
  const query = await searchParams;
  const { issuers } = getConfig().workload;
  const asked = firstValue(query.preset);
  const preset = isPreset(asked) ? asked : presetOf(issuers[0] ?? '');
  const key = await findReplacedKey(workspace.id, firstValue(query.from));
  const path = `/w/${workspace.slug}/settings/trust-rules`;
  return (
    <div className="flex max-w-2xl flex-col gap-6">
      <BackLink href={path}>Trust rules</BackLink>
      <PageHeader
        title="New trust rule"
        description={
          key === null ? (
            'A workload whose identity token matches can get read-only tokens that live one hour, and nothing else.'
          ) : (
            <>
              Takes the place of the API key <UntrustedText className="font-medium">{key.name}</UntrustedText>
              , with the same repositories. The key keeps working until you revoke it.
            </>
          )
        }
      />
      {issuers.length === 0 ? (
        <NoIssuers />
      ) : (
        <>
          <PresetTabs
            current={preset}
            hrefOf={(name) => hrefWith(`${path}/new`, { preset: name, from: key?.id ?? null })}
          />
          <Card className="p-5 sm:p-6">
            <p className="mb-6 text-muted text-sm">{PRESETS[preset].about}</p>
            <CreateRuleForm
              key={preset}
              action={createRule.bind(null, workspace.slug)}
              initial={await newRuleForm(workspace.id, preset, issuers, key)}
              preset={preset}
              issuers={issuers}
              expiries={EXPIRIES}
              from={key?.id ?? null}
            />
          </Card>
        </>
      )}
    </div>
  );
}
