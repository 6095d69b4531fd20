import type { ReactNode } from 'react';
import type { Notice } from '@/lib/contract/notice';
import { Alert } from './alert';
import { ButtonLink } from './button-link';
import { FocusOnArrival } from './focus-on-arrival';
import { Toast } from './toast';

type NoticeBannerProps = {
  notice: Notice;
  /** The URL of the page without the notice. Omitted if the page shows nothing else. */
  dismissHref?: string;
  /** Buttons for the next step. */
  actions?: ReactNode;
  /** The form that undoes a success. */
  undo?: ReactNode;
};

/**
 * Shows the outcome of an action, and takes the focus so that screen readers announce it. A success is over, so it is a
 * toast. Anything that asks the user to do something is a banner, which stays.
 */
export function NoticeBanner({ notice, dismissHref, actions, undo }: NoticeBannerProps) {
  const { title, cause, nextStep, tone } = notice;
  const alert = (
    <Alert
      live
      tone={tone}
      title={title}
      actions={
        <>
          {actions}
          {undo}
          {dismissHref === undefined ? null : (
            <ButtonLink size="sm" variant={actions ? 'ghost' : 'secondary'} href={dismissHref} scroll={false}>
              Dismiss
            </ButtonLink>
          )}
        </>
      }
    >
      {[cause, nextStep].filter(Boolean).join(' ')}
    </Alert>
  );
  return tone === 'success' && dismissHref !== undefined && !actions ? (
    <Toast key={title} dismissHref={dismissHref} stays={Boolean(undo)}>
      {alert}
    </Toast>
  ) : (
    <FocusOnArrival key={title}>{alert}</FocusOnArrival>
  );
}
