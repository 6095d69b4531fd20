import { Circle, CircleCheck, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { counted } from '@/lib/contract/counted';
import type { FirstSteps as Progress } from '@/lib/workspace/first-steps';
import { ButtonLink } from '../ui/button-link';
import { Card, CardHeader } from '../ui/card';
import { Link } from '../ui/link';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type FirstStepsProps = {
  progress: Progress;
  /** The accounts that are connected, and the number of their repositories. */
  connected: { accounts: readonly string[]; repositories: number };
  /** The path of the workspace's settings. */
  settings: string;
  /** The form that creates a key, and then that key with its command. */
  quickKey: ReactNode;
};

const MINUTE_MS = 60_000;

/** How long the list stays after the first token, in milliseconds. The page may still show a new key in it. */
const STAYS_MS = { done: 15 * MINUTE_MS, begun: 24 * 60 * MINUTE_MS };

/** True once the list has nothing more to say. */
export function areStepsOver({ firstToken, hasHandedBack, hasInvited }: Progress, now: Date): boolean {
  if (firstToken === null) return false;
  const isDone = hasHandedBack && hasInvited;
  return now.valueOf() - Date.parse(firstToken.issued_at) > (isDone ? STAYS_MS.done : STAYS_MS.begun);
}

/** Leads from a connection to the first clone. Each step shows its state now, because the page refreshes itself. */
export function FirstSteps({ progress, connected, settings, quickKey }: FirstStepsProps) {
  const { areKeysAllowed, hasCredential, firstToken, hasHandedBack, hasInvited } = progress;
  const { accounts, repositories } = connected;
  const [account = 'GitHub'] = accounts;
  return (
    <Card>
      <CardHeader title="From here to your first clone">
        {areKeysAllowed
          ? 'Create a key, paste one command into a terminal, and watch the steps complete.'
          : 'Let a service in by a trust rule, and watch the steps complete.'}
      </CardHeader>
      <ol aria-label="First steps" className="divide-y border-t">
        <Step state="done" title="Connect GitHub">
          <UntrustedText>{account}</UntrustedText>
          {accounts.length > 1 ? ` and ${accounts.length - 1} more` : ''}:{' '}
          {counted(repositories, 'repository', 'repositories')}
        </Step>
        <Step state={hasCredential ? 'done' : 'next'} title="Give a service access" more={quickKey}>
          {hasCredential ? (
            'An API key or trust rule is active.'
          ) : (
            <>
              {areKeysAllowed
                ? 'A key for one repository, which expires in 7 days. Or without any key: '
                : 'This workspace does not allow API keys. '}
              <TextLink href={`${settings}/trust-rules/new`}>create a trust rule</TextLink>
              {areKeysAllowed ? (
                <>
                  , or <TextLink href={`${settings}/api-keys/new`}>a key of your own choice</TextLink>
                </>
              ) : null}
              .
            </>
          )}
        </Step>
        <Step state={firstToken ? 'done' : hasCredential ? 'waiting' : 'later'} title="Get the first token">
          {firstToken ? (
            <>
              Issued <Time value={firstToken.issued_at} /> to <UntrustedText>{firstToken.to}</UntrustedText>.
            </>
          ) : (
            'It appears here automatically.'
          )}
        </Step>
        <Step state={hasHandedBack ? 'done' : firstToken ? 'waiting' : 'later'} title="Clone a repository">
          {hasHandedBack
            ? 'The command has handed its token back.'
            : 'The command clones, and hands its token back at the end.'}
        </Step>
        <Step
          state={hasInvited ? 'done' : 'later'}
          title="Invite your team"
          more={
            hasInvited ? null : (
              <ButtonLink size="sm" href={`${settings}/members`} className="justify-self-start">
                Invite a member
              </ButtonLink>
            )
          }
        >
          {hasInvited
            ? 'Others are here, or invited.'
            : 'Admins manage connections, keys and rules with you.'}
        </Step>
      </ol>
    </Card>
  );
}

/** `waiting` completes by itself. */
type StepState = 'done' | 'next' | 'waiting' | 'later';

const STATES = {
  done: { icon: CircleCheck, classes: 'text-success', words: 'done' },
  next: { icon: Circle, classes: 'text-accent', words: 'next' },
  waiting: { icon: LoaderCircle, classes: 'text-accent', words: 'waiting' },
  later: { icon: Circle, classes: 'text-muted', words: 'not yet' },
} as const satisfies Record<StepState, object>;

type StepProps = { state: StepState; title: string; children: ReactNode; more?: ReactNode };

function Step({ state, title, children, more }: StepProps) {
  const { icon: Icon, classes, words } = STATES[state];
  return (
    <li className="flex gap-3 px-5 py-3.5 sm:px-6">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${classes}`} />
      <div className="grid min-w-0 flex-1 grid-cols-1 gap-3 text-sm">
        <div>
          <p className="font-medium">
            {title}
            <span className="sr-only">: {words}</span>
          </p>
          <p className="wrap-anywhere text-[13px] text-muted" aria-live="polite">
            {children}
          </p>
        </div>
        {more}
      </div>
    </li>
  );
}

function TextLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className="text-accent underline underline-offset-4 hover:no-underline">
      {children}
    </Link>
  );
}
