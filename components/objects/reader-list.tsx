import type { Reader } from '@/lib/credentials/readers';
import { Time } from '../ui/time';
import { ObjectList } from './object-list';

type ReaderListProps = {
  readers: readonly Reader[];
  limit: number;
  settings: string;
};

/** Lists the API keys and trust rules that can get a token for a repository. */
export function ReaderList({ readers, limit, settings }: ReaderListProps) {
  const objects = readers.map(({ is_for_all, last_used_at, ...reader }) => ({
    ...reader,
    about: (
      <>
        {is_for_all ? 'All repositories, ' : ''}
        {last_used_at === null ? (
          'never used'
        ) : (
          <>
            used <Time value={last_used_at} />
          </>
        )}
      </>
    ),
  }));
  return (
    <ObjectList
      id="readers"
      title="Services that can get a token for it"
      objects={objects}
      limit={limit}
      none="No API key or trust rule may read it. Members can, with a token of their own."
      settings={settings}
    />
  );
}
