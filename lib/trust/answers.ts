import { type Claim, type ClaimGroup, type ClaimState, worstState } from './claim-states';

/** A question that a security review begins with, answered in one line. */
export type Answer = {
  question: string;
  answer: string;
  /** The worst state of the claims behind the answer. */
  state: ClaimState;
  /** The claim to read next: the first one with that state. */
  href: string;
};

/** Each question with its answer and the claims that the answer rests on, by their ids in docs/claims.md. */
const ROWS: readonly { question: string; answer: string; claims: readonly string[] }[] = [
  {
    question: 'Can you write to our code?',
    answer: 'No. Every token is limited to reading code and metadata.',
    claims: ['C10'],
  },
  {
    question: 'Do you keep our code?',
    answer: 'No. It goes from GitHub directly to the service that clones it. We store names and ids.',
    claims: ['C02', 'C03', 'C04'],
  },
  {
    question: 'How long do tokens live?',
    answer: 'One hour, set by GitHub. We store none and reuse none.',
    claims: ['C06', 'C08'],
  },
  {
    question: 'What if you are breached?',
    answer:
      'A stolen key reads one workspace; the App’s own key, all that customers share. Neither can write.',
    claims: ['C10', 'C24', 'C11'],
  },
  {
    question: 'How do we stop it?',
    answer: 'Suspend or uninstall the App on GitHub. Issued tokens end within the hour.',
    claims: ['C19', 'C20'],
  },
  {
    question: 'How do we check?',
    answer: 'Compare your audit log with GitHub’s: both name each token by the same hash.',
    claims: ['C23', 'C16', 'C15'],
  },
];

/** Answers the questions. An answer whose claim doesn't hold now has that state, whatever its words promise. */
export function answers(groups: readonly ClaimGroup[]): Answer[] {
  const all = new Map(groups.flatMap(({ claims }) => claims).map((claim) => [claim.id, claim]));
  return ROWS.map(({ question, answer, claims: ids }) => {
    const claims = ids.map((id) => claimOf(all, id));
    const state = worstState(claims);
    const first = claims.find((claim) => claim.state === state) ?? claims[0];
    return { question, answer, state, href: `#${first?.anchor}` };
  });
}

function claimOf(claims: ReadonlyMap<string, Claim>, id: string): Claim {
  const claim = claims.get(id);
  if (claim === undefined) throw new Error(`an answer names the unknown claim ${id}`);
  return claim;
}
