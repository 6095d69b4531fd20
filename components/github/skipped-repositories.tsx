/** Repositories that are shared and cannot be used here: says so, and what to do. */
export function SkippedRepositories({ count }: { count: number }) {
  const what = count === 1 ? '1 repository' : `${count.toLocaleString('en')} repositories`;
  return (
    <>
      {what} could not be read, so {count === 1 ? 'it is' : 'they are'} missing here or out of date. GitHub
      described {count === 1 ? 'it' : 'them'} in a way that we do not understand. Sync again later. If it
      lasts, contact support.
    </>
  );
}
