import { Link2 } from 'lucide-react';
import type { ListedLink } from '@/lib/evidence/links';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { NamedRow, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Expiry, Time } from '../ui/time';

/** Lists a workspace's links that work now. */
export function LinkList({ links, revoke }: { links: readonly ListedLink[]; revoke: FormAction }) {
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
              <form action={revoke}>
                <input type="hidden" name="id" value={id} />
                <SubmitButton size="sm" variant="quietDanger">
                  Revoke<span className="sr-only"> the link for {name}</span>
                </SubmitButton>
              </form>
            </NamedRow>
          ))}
        </Rows>
      )}
    </Section>
  );
}
