import type { ReactNode } from 'react';
import type { Notice } from '@/lib/contract/notice';
import { Alert } from './alert';
import { ButtonLink } from './button-link';
import { FocusOnArrival } from './focus-on-arrival';

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
        tone={notice.tone}
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
