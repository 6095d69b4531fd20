import type { ReactNode } from 'react';
import type { Notice } from '@/lib/contract/notice';
import { Alert } from './alert';
import { ButtonLink } from './button-link';
import { FocusOnArrival } from './focus-on-arrival';

type NoticeBannerProps = {
  notice: Notice;
  /** The URL of the page without the notice. Omitted if the page shows nothing else. */
  dismissHref?: string;
  /** Buttons for the next step. */
  actions?: ReactNode;
};

/** Shows the outcome of an action, and takes the focus so that screen readers announce it. */
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
