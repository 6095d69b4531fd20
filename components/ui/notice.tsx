import type { ReactNode } from 'react';
import { Alert } from './alert';
import type { Tone } from './badge';
import { ButtonLink } from './button-link';
import { FocusOnArrival } from './focus-on-arrival';

/** How something ended: what happened, why, and what to do next. */
export type Notice = {
  title: string;
  cause: string;
  nextStep: string;
  tone: 'success' | 'info' | 'warning' | 'error';
};

const TONES: Record<Notice['tone'], Tone> = {
  success: 'success',
  info: 'info',
  warning: 'warning',
  error: 'danger',
};

type NoticeBannerProps = {
  notice: Notice;
  /** This page without the notice; left out where the notice is all that the page holds. */
  dismissHref?: string;
  /** Ways to act on the notice on the spot. */
  actions?: ReactNode;
};

/** Shows how an action ended, and takes the focus, so that a screen reader reads it. */
export function NoticeBanner({ notice, dismissHref, actions }: NoticeBannerProps) {
  return (
    <FocusOnArrival key={notice.title}>
      <Alert
        live
        tone={TONES[notice.tone]}
        title={notice.title}
        actions={
          <>
            {actions}
            {dismissHref === undefined ? null : (
              <ButtonLink
                size="sm"
                variant={actions ? 'ghost' : 'secondary'}
                href={dismissHref}
                scroll={false}
              >
                Dismiss
              </ButtonLink>
            )}
          </>
        }
      >
        {[notice.cause, notice.nextStep].filter(Boolean).join(' ')}
      </Alert>
    </FocusOnArrival>
  );
}
