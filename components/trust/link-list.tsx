import { Link2 } from 'lucide-react';
import type { ListedLink } from '@/lib/evidence/links';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Consequences } from '../ui/consequences';
import { EmptyState } from '../ui/empty-state';
import { NamedRow, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import type { FormAction } from '../ui/submit-button';
import { Expiry, Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

const CONSEQUENCES = (
  <Consequences>
    <li>The link opens nothing from now on, for everyone who has it.</li>
    <li>Packs that were downloaded still verify.</li>
  </Consequences>
);

type LinkListProps = {
  links: readonly ListedLink[];
  revoke: FormAction;
  /** The path of the page, and what its URL asks for. */
  path: string;
  asked: string | undefined;
};

/** Lists a workspace's links that work now. */
export function LinkList({ links, revoke, path, asked }: LinkListProps) {
  return (
    <Section id="links" title="Active links">
      {links.length === 0 ? (
        <Card>
          <EmptyState icon={Link2} title="No link is active">
            Create one for an auditor who has no account here.
          </EmptyState>
        </Card>
      ) : (
        <Rows>
          {links.map(({ id, name, createdAt, expiresAt, lastUsedAt }) => (
            <NamedRow
              key={id}
              mark={
                <span className="grid size-9 shrink-0 place-items-center rounded-full border bg-surface">
                  <Link2 aria-hidden className="size-4 text-muted" />
                </span>
              }
              name={name}
              about={
                <>
                  created <Time value={createdAt} />, expires <Expiry value={expiresAt} />,{' '}
                  {lastUsedAt === null ? (
                    'never opened'
                  ) : (
                    <>
                      last opened <Time value={lastUsedAt} />
                    </>
                  )}
                </>
              }
            >
              <ConfirmDialog
                opener={{
                  ask: `revoke-${id}`,
                  label: (
                    <>
                      Revoke<span className="sr-only"> the link for {name}</span>
                    </>
                  ),
                  size: 'sm',
                  variant: 'quietDanger',
                }}
                title={
                  <>
                    Revoke the link for <UntrustedText>{name}</UntrustedText>?
                  </>
                }
                description="This can’t be undone:"
                confirm="Revoke link"
                action={revoke}
                fields={{ id }}
                href={path}
                isAsked={asked === `revoke-${id}`}
              >
                {CONSEQUENCES}
              </ConfirmDialog>
            </NamedRow>
          ))}
        </Rows>
      )}
    </Section>
  );
}
