import { Plus, ShieldCheck } from 'lucide-react';
import type { TrustRule } from '@/lib/contract/trust-rules';
import { KeyBadge, KeyRepositories, LastUse } from '../api-keys/key-facts';
import { ButtonLink } from '../ui/button-link';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { Link } from '../ui/link';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { Expiry } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';
import { isEnded, ruleState } from './rule-facts';
import { workloadOf } from './rule-in-words';

/** @param props.basePath the path of this list. A rule's page is at `${basePath}/${id}` */
export function RuleList({ rules, basePath }: { rules: TrustRule[]; basePath: string }) {
  const now = new Date();
  return (
    <Card className="overflow-hidden">
      <Table aria-label="Trust rules">
        <TableHead>
          <TableRow>
            <TableHeader className="w-[34%]">Rule</TableHeader>
            <TableHeader className="w-[18%]">Repositories</TableHeader>
            <TableHeader className="w-[19%]">Last used</TableHeader>
            <TableHeader>Status</TableHeader>
            <TableHeader className="w-28">
              <span className="sr-only">Manage</span>
            </TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {rules.map((rule) => (
            <RuleRow key={rule.id} rule={rule} now={now} href={`${basePath}/${rule.id}`} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function RuleRow({ rule, now, href }: { rule: TrustRule; now: Date; href: string }) {
  const { name, issuer, subject, claims, repositories, expires_at } = rule;
  const state = ruleState(rule, now);
  const ended = isEnded(state);
  const { words } = workloadOf(subject);
  const further = Object.keys(claims).length;
  return (
    <TableRow className={ended ? 'text-muted' : undefined}>
      <TableCell>
        <UntrustedText className="font-medium">{name}</UntrustedText>
        <UntrustedText className="block text-[13px]">{words}</UntrustedText>
        <span className="block text-[13px] text-muted">
          <UntrustedText>{issuer.replace(/^https?:\/\//, '')}</UntrustedText>
          {further === 0 ? null : ` · ${further} further ${further === 1 ? 'claim' : 'claims'}`}
        </span>
      </TableCell>
      <TableCell className="text-[13px]">
        <KeyRepositories repositories={repositories} />
      </TableCell>
      <TableCell className="text-[13px]">
        <span className="md:hidden">Last used: </span>
        <LastUse {...rule} />
      </TableCell>
      <TableCell className="text-[13px]">
        <KeyBadge state={state} />
        {ended ? null : (
          <span className="mt-1 text-muted max-md:ml-2 md:block">
            {expires_at === null ? (
              'Does not expire'
            ) : (
              <>
                Expires <Expiry value={expires_at} />
              </>
            )}
          </span>
        )}
      </TableCell>
      <TableCell className="md:text-right">
        <ButtonLink size="sm" variant={ended ? 'ghost' : 'secondary'} href={href} className="max-md:mt-1">
          {ended ? 'View' : 'Manage'}
          <span className="sr-only"> {name}</span>
        </ButtonLink>
      </TableCell>
    </TableRow>
  );
}

/** @param props.createHref omitted if no issuer is configured, so no rule can be created */
export function NoRules({ createHref, referenceHref }: { createHref: string | null; referenceHref: string }) {
  return (
    <Card>
      <EmptyState
        icon={ShieldCheck}
        title="No trust rules yet"
        actions={
          createHref === null ? null : (
            <ButtonLink variant="primary" size="sm" href={createHref}>
              <Plus aria-hidden />
              Create trust rule
            </ButtonLink>
          )
        }
      >
        A trust rule lets a workflow or service get read-only, one-hour GitHub tokens with the identity token
        that its platform issues to it. There is no key to store, rotate or leak.{' '}
        <Link href={referenceHref} className="text-accent underline underline-offset-4 hover:no-underline">
          Read how it works
        </Link>
      </EmptyState>
    </Card>
  );
}
