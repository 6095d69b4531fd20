import type { ReactNode } from 'react';
import { Alert } from './alert';
import type { Tone } from './badge';
import { ButtonLink } from './button-link';
import { FocusOnArrival } from './focus-on-arrival';

/** How something ended: the event, its cause and the next step. */
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
  /** The page without the notice. It is absent where the page has nothing else. */
  dismissHref?: string;
  /** Buttons for the next step. */
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
