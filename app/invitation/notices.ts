import { NEW_NOTICES } from '@/app/new/notices';
import { FAILURES } from '@/app/notices';

/** Notices about why joining by a link failed. */
export const INVITATION_NOTICES = { ...FAILURES, gone: NEW_NOTICES.gone, verify: NEW_NOTICES.verify };

export const INVITATION_PAGE = { path: '/invitation', notices: INVITATION_NOTICES };
