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
    cause: 'GitHub confirmed that you may connect this installation.',
    nextStep: 'Its repositories appear below.',
    holdsWhile: 'active',
  },
  updated: {
    tone: 'success',
    title: 'Repository selection updated',
    cause: 'You changed the repository selection on GitHub.',
    nextStep: 'The list below shows the new selection.',
    holdsWhile: 'active',
  },
  already_connected_here: {
    tone: 'info',
    title: 'Already connected',
    cause: 'This installation is already connected to this workspace.',
    nextStep: 'No action is needed.',
    holdsWhile: 'active',
  },
  awaiting_approval: {
    tone: 'info',
    title: 'Waiting for approval',
    cause: 'Your request to install the app was sent to the organization’s owners on GitHub.',
    nextStep:
      'This page updates when an owner approves it. Then an owner, or an admin of every shared repository, finishes the connection.',
    holdsWhile: 'awaiting_approval',
  },
  approval_dismissed: {
    tone: 'success',
    title: 'Request dismissed',
    cause: 'This workspace no longer waits for the approval. Nothing changed on GitHub.',
    nextStep: 'If an owner approves it later, link the installation.',
  },
  choose_installation: {
    tone: 'info',
    title: 'Choose an installation',
    cause: 'You can connect more than one installation.',
    nextStep: 'Select the one for this workspace.',
  },
  confirm_installation: {
    tone: 'warning',
    title: 'Check before you connect',
    cause: 'This connection was started in another browser, so nothing is connected yet.',
    nextStep: 'Connect only if the account, workspace and person below are correct.',
  },
  not_your_installation: {
    tone: 'danger',
    title: 'You can’t connect this installation',
    cause:
      'You didn’t install it within the last hour and don’t administer all of its repositories, or it was removed.',
    nextStep: 'Ask an organization owner, or an admin of all its repositories, to connect it here.',
  },
  already_connected_elsewhere: {
    tone: 'danger',
    title: 'Connected to another workspace',
    cause: 'An installation can be connected to one workspace only, and this one is in use.',
    nextStep: 'Disconnect it there first, or ask an admin of that workspace. Then install the app again.',
  },
  installation_not_found: {
    tone: 'danger',
    title: 'Installation not found',
    cause: 'We couldn’t find this installation. Disconnected installations can’t be reused.',
    nextStep: 'If the app is still installed on GitHub, uninstall it there. Then install it again.',
    actions: ['install'],
  },
  nothing_to_link: {
    tone: 'warning',
    title: 'Nothing to link',
    cause: 'Your GitHub account has no installation that can be connected.',
    nextStep: 'Install the app, or ask an organization owner to install it.',
    actions: ['install'],
  },
  access_denied: {
    tone: 'warning',
    title: 'Cancelled on GitHub',
    cause: 'You didn’t authorize the app, so we couldn’t check that the installation is yours.',
    nextStep:
      'Link the installation and choose “Authorize”. We use the authorization once and then revoke it.',
    actions: ['link'],
  },
  expired: {
    tone: 'warning',
    title: 'This attempt has expired',
    cause: 'You started to connect GitHub too long ago.',
    nextStep: 'Start again. If the app is already installed, link the installation.',
    actions: ['install', 'link'],
  },
  already_used: {
    tone: 'warning',
    title: 'This link has expired',
    cause: 'Connection links work once.',
    nextStep: 'If GitHub isn’t connected below, start again.',
    actions: ['install', 'link'],
  },
  unknown_attempt: {
    tone: 'danger',
    title: 'This link isn’t valid',
    cause: 'The link is incomplete, was changed, or isn’t ours.',
    nextStep: 'Start again from your workspace’s settings.',
  },
  other_user: {
    tone: 'danger',
    title: 'Started by someone else',
    cause: 'Another user started this connection, or you have since signed in with another account.',
    nextStep: 'Sign in as the person who started it, or start again yourself.',
  },
  not_admin: {
    tone: 'danger',
    title: 'Only admins can connect GitHub',
    cause: 'You’re no longer an admin of this workspace.',
    nextStep: 'Ask an admin or owner of the workspace.',
  },
  signed_out: {
    tone: 'warning',
    title: 'You were signed out',
    cause: 'Your session ended while you were on GitHub.',
    nextStep: 'Link the installation to finish. The app is still installed.',
    actions: ['link'],
  },
  authorization_failed: {
    tone: 'danger',
    title: 'GitHub did not confirm the authorization',
    cause: 'The authorization code was already used, has expired, or isn’t for this app.',
    nextStep: 'Link the installation to try again.',
    actions: ['link'],
  },
  suspended: {
    tone: 'warning',
    title: 'The installation is suspended',
    cause: 'It is connected but suspended on GitHub, so no tokens are issued.',
    nextStep: 'Unsuspend it in the app’s settings on GitHub.',
    holdsWhile: 'suspended',
  },
  github_unavailable: {
    tone: 'danger',
    title: 'GitHub cannot be reached',
    cause: 'GitHub didn’t respond, so we couldn’t check that the installation is yours.',
    nextStep: 'Nothing was connected. Link the installation again in a few minutes.',
    actions: ['link'],
  },
  github_limited: {
    tone: 'warning',
    title: 'GitHub rate limit reached',
    cause: 'GitHub’s rate limit is used up, so we couldn’t check that the installation is yours.',
    nextStep: 'Nothing was connected. Link the installation again in a few minutes.',
    actions: ['link'],
  },
  github_refused: {
    tone: 'danger',
    title: 'GitHub refused the request',
    cause: 'GitHub’s response wasn’t recognized, so nothing was connected.',
    nextStep: 'Link the installation to try again. If this continues, contact support.',
    actions: ['link'],
  },
  our_app_refused: {
    tone: 'danger',
    title: 'Something is wrong on our side',
    cause: 'GitHub rejected our app. Our operators have been notified, and nothing was connected.',
    nextStep: 'Link the installation once this is fixed.',
    actions: ['link'],
  },
  permissions_missing: {
    tone: 'warning',
    title: 'The app needs a permission',
    cause: 'The account hasn’t granted the app all the permissions it needs.',
    nextStep: 'Ask an owner of the account to accept them in the app’s settings on GitHub. Then link it.',
    actions: ['link'],
  },
  suspended_on_github: {
    tone: 'warning',
    title: 'The installation is suspended',
    cause: 'It is suspended on GitHub, so we couldn’t check that it is yours. Nothing was connected.',
    nextStep: 'Unsuspend it in the app’s settings on GitHub, then link it.',
    actions: ['link'],
  },
  github_account_suspended: {
    tone: 'danger',
    title: 'GitHub has suspended your account',
    cause: 'GitHub refuses requests from suspended accounts.',
    nextStep: 'Ask GitHub Support to reinstate it, or connect with another account.',
  },
  ip_allow_list: {
    tone: 'danger',
    title: 'Blocked by an IP allow list',
    cause: 'The organization’s IP allow list blocks our addresses, so nothing was connected.',
    nextStep: 'Ask an organization owner to add our addresses to its IP allow list on GitHub. Then link it.',
    actions: ['link'],
  },
  saml_required: {
    tone: 'warning',
    title: 'The organization requires single sign-on',
    cause: 'GitHub hides the installation until you sign in to the organization with SAML single sign-on.',
    nextStep: 'Sign in to the organization on GitHub, then link the installation.',
    actions: ['link'],
  },
  email_unverified: {
    tone: 'warning',
    title: 'Verify your email on GitHub',
    cause: 'Your GitHub account has no verified primary email address, so GitHub doesn’t authorize the app.',
    nextStep: 'Verify it in your GitHub settings, then link the installation.',
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
