import type { Notice } from '../contract/notice';

/** A next step that the page offers to admins: install the App, or link an existing installation. */
export type ConnectIntent = 'install' | 'link';

type Outcome = Notice & {
  actions?: readonly ConnectIntent[];
  /**
   * If set, the page shows this outcome only while an installation or request is in this state. Otherwise, a reloaded
   * or bookmarked URL would show an outdated outcome.
   */
  holdsWhile?: 'active' | 'suspended' | 'awaiting_approval';
};

/**
 * All outcomes of a connect flow, with the texts shown on the settings page (`?notice=`). `ConnectAttempt.outcome` and
 * `github.bind_refused` store the same codes.
 */
export const CONNECT_OUTCOMES = {
  connected: {
    tone: 'success',
    title: 'GitHub is connected',
    cause: 'GitHub confirmed that this installation is yours.',
    nextStep: 'The repositories that you chose appear below.',
    holdsWhile: 'active',
  },
  updated: {
    tone: 'success',
    title: 'Repository selection updated',
    cause: 'You changed on GitHub which repositories are shared.',
    nextStep: 'The list below follows GitHub.',
    holdsWhile: 'active',
  },
  already_connected_here: {
    tone: 'info',
    title: 'Already connected',
    cause: 'This installation belongs to this workspace already.',
    nextStep: 'There is nothing to do.',
    holdsWhile: 'active',
  },
  awaiting_approval: {
    tone: 'info',
    title: 'Waiting for approval',
    cause: 'You asked an owner of the organization on GitHub to install the App.',
    nextStep:
      'Once an owner has approved it, this page says so. Then an owner, or an admin of every shared repository, finishes with one click.',
    holdsWhile: 'awaiting_approval',
  },
  approval_dismissed: {
    tone: 'success',
    title: 'Request dismissed',
    cause: 'This workspace does not wait for the approval any more. On GitHub nothing has changed.',
    nextStep: 'Should an owner approve it after all, link the installation.',
  },
  choose_installation: {
    tone: 'info',
    title: 'Choose an installation',
    cause: 'More than one installation of yours can be connected.',
    nextStep: 'Pick the one that belongs to this workspace.',
  },
  confirm_installation: {
    tone: 'warning',
    title: 'Check before you connect',
    cause: 'This connection was started in another browser, so nothing is connected yet.',
    nextStep: 'Connect only if the account, the workspace and the person below are the right ones.',
  },
  not_your_installation: {
    tone: 'danger',
    title: 'GitHub does not confirm that this installation is yours',
    cause:
      'Your GitHub account did not install it within the last hour and does not administer every repository that it shares, or it no longer exists.',
    nextStep: 'Ask an owner of the organization, or an admin of every shared repository, to connect it here.',
  },
  already_connected_elsewhere: {
    tone: 'danger',
    title: 'Connected to another workspace',
    cause: 'An installation belongs to one workspace only, and this one is in use.',
    nextStep: 'Disconnect it there first, or ask whoever set it up for you. Then install the App again.',
  },
  installation_not_found: {
    tone: 'danger',
    title: 'No such installation',
    cause:
      'GitHub does not know this installation, or it has ended here: what was disconnected never comes back.',
    nextStep:
      'If GitHub still lists the App for the account, uninstall it there first. Then install it again.',
    actions: ['install'],
  },
  nothing_to_link: {
    tone: 'warning',
    title: 'Nothing to link',
    cause: 'No installation that your GitHub account administers is waiting to be connected.',
    nextStep: 'Install the App, or ask an owner of your organization to do it.',
    actions: ['install'],
  },
  access_denied: {
    tone: 'warning',
    title: 'Cancelled on GitHub',
    cause: 'You did not authorize the App, so we could not check that the installation is yours.',
    nextStep:
      'Link the installation and choose “Authorize”. We use the authorization once, and revoke it at once.',
    actions: ['link'],
  },
  expired: {
    tone: 'warning',
    title: 'This attempt has expired',
    cause: 'Too much time has passed since you started to connect GitHub.',
    nextStep: 'Start again. If the App is installed already, link the installation.',
    actions: ['install', 'link'],
  },
  already_used: {
    tone: 'warning',
    title: 'This link was used already',
    cause: 'Each attempt to connect works once, for instance not again with the back button.',
    nextStep: 'If GitHub is not shown as connected below, start again.',
    actions: ['install', 'link'],
  },
  unknown_attempt: {
    tone: 'danger',
    title: 'We do not know this attempt',
    cause: 'The link was not made by us, or was changed on its way.',
    nextStep: 'Start again from the settings of your workspace.',
  },
  other_user: {
    tone: 'danger',
    title: 'Started by somebody else',
    cause: 'This attempt belongs to another user, or you signed in with another account meanwhile.',
    nextStep: 'Sign in as the person who started it, or start again yourself.',
  },
  not_admin: {
    tone: 'danger',
    title: 'Only admins can connect GitHub',
    cause: 'You are not an admin of the workspace any more.',
    nextStep: 'Ask an admin or the owner of the workspace.',
  },
  signed_out: {
    tone: 'warning',
    title: 'You were signed out',
    cause: 'Your session ended while you were at GitHub.',
    nextStep: 'Link the installation: what you installed is still there.',
    actions: ['link'],
  },
  authorization_failed: {
    tone: 'danger',
    title: 'GitHub did not confirm the authorization',
    cause: 'The authorization code was used before, was too old, or was not made for us.',
    nextStep: 'Link the installation to try again.',
    actions: ['link'],
  },
  suspended: {
    tone: 'warning',
    title: 'The installation is suspended',
    cause: 'It is connected, but suspended on GitHub, so no code can be read.',
    nextStep: 'Unsuspend it in the settings of the App on GitHub.',
    holdsWhile: 'suspended',
  },
  github_unavailable: {
    tone: 'danger',
    title: 'GitHub cannot be reached',
    cause: 'GitHub did not answer, so we could not check that the installation is yours.',
    nextStep: 'Nothing was connected. In a few minutes, link the installation to try again.',
    actions: ['link'],
  },
  github_limited: {
    tone: 'warning',
    title: 'GitHub has asked us to wait',
    cause: 'Its rate limit is used up, so we could not check that the installation is yours.',
    nextStep: 'Nothing was connected. In some minutes, link the installation to try again.',
    actions: ['link'],
  },
  github_refused: {
    tone: 'danger',
    title: 'GitHub refused to confirm it',
    cause: 'GitHub answered in a way that we do not recognise, so nothing was connected.',
    nextStep: 'Link the installation to try again. If it lasts, tell us when it happened.',
    actions: ['link'],
  },
  our_app_refused: {
    tone: 'danger',
    title: 'Something is wrong on our side',
    cause: 'GitHub rejects our App, not you. Our operators are alarmed, and nothing was connected.',
    nextStep: 'Link the installation once we have mended it.',
    actions: ['link'],
  },
  permissions_missing: {
    tone: 'warning',
    title: 'Our App lacks a permission',
    cause: 'The account has not granted our App all the permissions that it needs.',
    nextStep: 'An owner of the account accepts them in the settings of the App on GitHub. Then link it.',
    actions: ['link'],
  },
  suspended_on_github: {
    tone: 'warning',
    title: 'The installation is suspended',
    cause: 'It is suspended on GitHub, so we could not check that it is yours, and nothing was connected.',
    nextStep: 'Unsuspend it in the settings of the App on GitHub, then link it.',
    actions: ['link'],
  },
  github_account_suspended: {
    tone: 'danger',
    title: 'GitHub has suspended your account',
    cause: 'GitHub answers nothing in your name while your account there is suspended.',
    nextStep: 'Ask GitHub’s support to reinstate it, or connect with another account.',
  },
  ip_allow_list: {
    tone: 'danger',
    title: 'An IP allow list keeps us out',
    cause: 'The organization’s IP allow list does not let our address in, so nothing was connected.',
    nextStep: 'An owner of the organization adds our addresses to its IP allow list on GitHub. Then link it.',
    actions: ['link'],
  },
  saml_required: {
    tone: 'warning',
    title: 'The organization requires single sign-on',
    cause: 'GitHub hides it from us until you have signed in to it by single sign-on (SAML).',
    nextStep: 'Sign in to the organization on GitHub, then link the installation.',
    actions: ['link'],
  },
  email_unverified: {
    tone: 'warning',
    title: 'Verify your email on GitHub',
    cause: 'Your GitHub account has no verified primary email address, so GitHub does not authorize the App.',
    nextStep: 'Verify it in your settings on GitHub, then link the installation.',
    actions: ['link'],
  },
} as const satisfies Record<string, Outcome>;

export type ConnectOutcome = keyof typeof CONNECT_OUTCOMES;

/**
 * Refusals without a workspace: the attempt is unknown or belongs to somebody else, or the user has left the workspace.
 */
export const REFUSED_WITHOUT_WORKSPACE = {
  unknown_attempt: CONNECT_OUTCOMES.unknown_attempt,
  other_user: CONNECT_OUTCOMES.other_user,
  not_admin: CONNECT_OUTCOMES.not_admin,
} as const satisfies Partial<Record<ConnectOutcome, Outcome>>;
