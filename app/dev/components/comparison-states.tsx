import { CompareForm } from '@/components/audit-log/compare-form';
import type { ComparisonView } from '@/components/audit-log/comparison';
import { ComparisonResult } from '@/components/audit-log/comparison-result';
import { compareNothing } from './do-nothing';
import { Section, State } from './section';

const HASH = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
const AT = '2026-11-22T20:05:35.000Z';

const ALL_KNOWN: ComparisonView = {
  entries: 4_310,
  entries_of_app: 212,
  app_slugs: ['pulsestream'],
  from: '2026-11-01T00:00:00.000Z',
  to: AT,
  joined: 64,
  unknown_count: 0,
  unknown: [],
  unused_count: 1,
  unused: [{ hashed_token: HASH, occurred_at: AT, actor: 'engine' }],
};

const COMPARISONS: Record<string, ComparisonView> = {
  'all known': ALL_KNOWN,
  'one that our log does not know': {
    ...ALL_KNOWN,
    unknown_count: 1,
    unknown: [{ hashed_token: HASH, first_seen: AT, last_seen: AT, requests: 3 }],
  },
  'nothing of ours': { ...ALL_KNOWN, entries_of_app: 0, joined: 0, unused_count: 0, unused: [] },
};

export function ComparisonStates() {
  return (
    <Section name="Comparison with GitHub’s log">
      {Object.entries(COMPARISONS).map(([label, comparison]) => (
        <State key={label} label={label}>
          <ComparisonResult comparison={comparison} />
        </State>
      ))}
      <State label="too large">
        <CompareForm
          action={compareNothing}
          maxBytes={4_000_000}
          problem="The file is too large: export a shorter time."
        />
      </State>
    </Section>
  );
}
