import { Circle, CircleCheck, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { counted } from '@/lib/contract/counted';
import type { FirstSteps as Progress } from '@/lib/workspace/first-steps';
import { ButtonLink } from '../ui/button-link';
import { Card, CardHeader } from '../ui/card';
import { Form } from '../ui/form';
import { Link } from '../ui/link';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type FirstStepsProps = {
  progress: Progress;
  /** The accounts that are connected, and the number of their repositories. */
  connected: { accounts: readonly string[]; repositories: number };
  /** The path of the workspace's settings. */
  settings: string;
  /** Whether trust rules can be created here. */
  hasIssuers: boolean;
  /** The form that creates a key, and then that key with its command. */
  quickKey: ReactNode;
  /** Hides the steps from this user. */
  hide: FormAction;
};

const MINUTE_MS = 60_000;

/** How long the list stays after the first token, in milliseconds. The page may still show a new key in it. */
const STAYS_MS = { done: 15 * MINUTE_MS, begun: 24 * 60 * MINUTE_MS };

/** True once the list has nothing more to say. */
export function areStepsOver({ firstToken, hasInvited }: Progress, now: Date): boolean {
  if (firstToken === null) return false;
  return now.valueOf() - Date.parse(firstToken.issued_at) > (hasInvited ? STAYS_MS.done : STAYS_MS.begun);
}

/** Leads from a connection to the first token. Each step shows its state now, because the page refreshes itself. */
export function FirstSteps(props: FirstStepsProps) {
  const { progress, connected, settings, hasIssuers, quickKey, hide } = props;
  const { waiting, firstToken, hasInvited } = progress;
  const { accounts, repositories } = connected;
  const [account = 'GitHub'] = accounts;
  return (
    <Card>
      <div className="flex flex-wrap items-start justify-between gap-x-2 pr-5 sm:flex-nowrap sm:pr-6">
        <CardHeader title="From here to your first clone">
          Your services clone with tokens that live one hour. Get the first one.
        </CardHeader>
        <Form action={hide} className="max-w-full shrink-0 pt-5 max-sm:pt-0 max-sm:pb-3 max-sm:pl-5">
          <input type="hidden" name="hidden" value="yes" />
          <SubmitButton size="sm" variant="ghost">
            Hide these steps
          </SubmitButton>
        </Form>
      </div>
      <ol aria-label="First steps" className="divide-y border-t">
        <Step state="done" title="Connect GitHub">
          <UntrustedText>{account}</UntrustedText>
          {accounts.length > 1 ? ` and ${accounts.length - 1} more` : ''}:{' '}
          {counted(repositories, 'repository', 'repositories')}
        </Step>
        <Step
          state={firstToken ? 'done' : waiting ? 'waiting' : 'next'}
          title="Get the first token"
          more={quickKey}
        >
          {firstToken ? (
            <>
              Issued <Time value={firstToken.issued_at} /> to <UntrustedText>{firstToken.to}</UntrustedText>.
            </>
          ) : waiting ? (
            <Waiting waiting={waiting} settings={settings} />
          ) : (
            <WaysIn areKeysAllowed={progress.areKeysAllowed} hasIssuers={hasIssuers} settings={settings} />
          )}
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

type WaitingProps = { waiting: NonNullable<Progress['waiting']>; settings: string };

function Waiting({ waiting: { kind, id, name }, settings }: WaitingProps) {
  const [noun, folder] = kind === 'api_key' ? ['API key', 'api-keys'] : ['trust rule', 'trust-rules'];
  return (
    <>
      The {noun}{' '}
      <TextLink href={`${settings}/${folder}/${id}`}>
        <UntrustedText>{name}</UntrustedText>
      </TextLink>{' '}
      is ready, and waits for its first use. The token appears here automatically.
    </>
  );
}

type WaysInProps = { areKeysAllowed: boolean; hasIssuers: boolean; settings: string };

/** Names the ways by which a service can get a token in this workspace. */
function WaysIn({ areKeysAllowed, hasIssuers, settings }: WaysInProps) {
  const rule = <TextLink href={`${settings}/trust-rules/new`}>create a trust rule</TextLink>;
  if (!areKeysAllowed)
    return hasIssuers ? (
      <>This workspace does not allow API keys. To let a service in without one, {rule}.</>
    ) : (
      <>
        This workspace does not allow API keys, and the operator trusts no issuer of identity tokens. To
        continue, <TextLink href={`${settings}/api-keys`}>allow API keys</TextLink>.
      </>
    );
  return (
    <>
      Create a key for one repository, which expires in 7 days, and paste one command into a terminal. Or{' '}
      {hasIssuers ? <>{rule}, or </> : null}
      <TextLink href={`${settings}/api-keys/new`}>choose everything about a key</TextLink>.
    </>
  );
}

/** Brings the list of first steps back. */
export function HiddenFirstSteps({ show }: { show: FormAction }) {
  return (
    <Form action={show} className="-my-4 flex flex-wrap items-center gap-x-2 text-13 text-muted">
      <input type="hidden" name="hidden" value="no" />
      The first steps are hidden.
      <SubmitButton size="sm" variant="ghost" className="text-accent">
        Show them
      </SubmitButton>
    </Form>
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
          <p className="wrap-anywhere text-13 text-muted" aria-live="polite">
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
