import type { ReactNode } from 'react';
import { Alert } from '../ui/alert';
import type { Tone } from '../ui/badge';
import { ButtonLink } from '../ui/button-link';
import { FocusOnArrival } from '../ui/focus-on-arrival';

export type Outcome = {
  title: string;
  cause: string;
  nextStep: string;
  tone: 'success' | 'info' | 'warning' | 'error';
};

const TONES: Record<Outcome['tone'], Tone> = {
  success: 'success',
  info: 'info',
  warning: 'warning',
  error: 'danger',
};

type OutcomeBannerProps = {
  outcome: Outcome;
  /** This page without the outcome. */
  dismissHref: string;
  /** What the reader may do about it on the spot. */
  actions?: ReactNode;
};

/** How an attempt to connect ended: what happened, why, and what to do. */
export function OutcomeBanner({ outcome, dismissHref, actions }: OutcomeBannerProps) {
  return (
    <FocusOnArrival key={outcome.title}>
      <Alert
        live
        tone={TONES[outcome.tone]}
        title={outcome.title}
        actions={
          <>
            {actions}
            <ButtonLink size="sm" variant={actions ? 'ghost' : 'secondary'} href={dismissHref} scroll={false}>
              Dismiss
            </ButtonLink>
          </>
        }
      >
        {[outcome.cause, outcome.nextStep].filter(Boolean).join(' ')}
      </Alert>
    </FocusOnArrival>
  );
}
