import Link from 'next/link';
import { Alert } from '../ui/alert';
import type { Tone } from '../ui/badge';
import { Button } from '../ui/button';

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
};

/** How an attempt to connect ended: what happened, why, and what to do. */
export function OutcomeBanner({ outcome, dismissHref }: OutcomeBannerProps) {
  return (
    <Alert
      live
      tone={TONES[outcome.tone]}
      title={outcome.title}
      actions={
        <Button asChild size="sm" variant="secondary">
          <Link href={dismissHref} scroll={false}>
            Dismiss
          </Link>
        </Button>
      }
    >
      {[outcome.cause, outcome.nextStep].filter(Boolean).join(' ')}
    </Alert>
  );
}
