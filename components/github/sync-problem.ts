/** Why the last sync failed, by its code, in words that say what happens next. */
const SYNC_PROBLEMS: Record<string, string> = {
  github_unavailable:
    'GitHub could not be reached at the last sync. We keep trying; what you see may be out of date.',
  github_error:
    'GitHub refused the last sync. We keep trying; if it lasts, check the installation on GitHub.',
  audit_unavailable: 'The last sync could not be recorded, so it was not done. We keep trying.',
};

export function syncProblem(code: string): string {
  return (
    SYNC_PROBLEMS[code] ?? 'The last sync did not succeed. We keep trying; what you see may be out of date.'
  );
}
