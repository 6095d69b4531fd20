import { onInterrupt } from '../process/on-interrupt';
import type { Mutation } from './mutations';
import { runTests } from './run-tests';
import { Scratch } from './scratch';
import { unsoundness, type Verdict, verdictOf } from './verdict';

/** A mutation with its verdict, and how long its test took. */
export interface Tried {
  mutation: Mutation;
  /** `stale` if the patch no longer applies; `unsound` if its test does not pass without the mutation. */
  result: Verdict['result'] | 'stale' | 'unsound';
  reason: string;
  seconds: number;
}

/**
 * Applies the mutations to a copy of the checkout, one at a time, and runs the test of each. First runs all of these
 * tests without any mutation, because a test that fails anyway shows nothing.
 */
export async function tryMutations(mutations: readonly Mutation[]): Promise<Tried[]> {
  const scratch = Scratch.create();
  onInterrupt(() => scratch.remove());
  try {
    const stale = new Map(mutations.map((mutation) => [mutation, refusalOf(scratch, mutation)]));
    const applicable = mutations.filter((mutation) => stale.get(mutation) === undefined);
    console.log(`running the tests of ${applicable.length} mutations, as the code is`);
    const sound = await runTests(
      scratch.root,
      applicable.map(({ test }) => test),
    );
    const tried: Tried[] = [];
    for (const mutation of mutations) {
      const each =
        skip(mutation, 'stale', stale.get(mutation)) ??
        skip(mutation, 'unsound', unsoundness(mutation, sound)) ??
        (await tryMutation(scratch, mutation));
      tried.push(each);
      const at = `${tried.length} of ${mutations.length}, ${each.seconds.toFixed(1)} s`;
      console.log(`${mutation.claim} ${mutation.title}: ${each.result} (${each.reason}) · ${at}`);
    }
    return tried;
  } finally {
    await scratch.remove();
  }
}

/** @returns why the patch cannot be tried; `undefined` if it applies */
function refusalOf(scratch: Scratch, { patch }: Mutation): string | undefined {
  const refusal = scratch.apply(patch);
  scratch.restore();
  return refusal && `${patch} no longer applies: ${refusal}`;
}

function skip(mutation: Mutation, result: Tried['result'], reason: string | undefined): Tried | undefined {
  return reason === undefined ? undefined : { mutation, result, reason, seconds: 0 };
}

async function tryMutation(scratch: Scratch, mutation: Mutation): Promise<Tried> {
  const start = performance.now();
  scratch.apply(mutation.patch);
  try {
    const verdict = verdictOf(mutation, await runTests(scratch.root, [mutation.test]));
    return { mutation, ...verdict, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    // A crashed runner can leave half a report. The other mutations are still worth trying.
    const reason = error instanceof Error ? error.message : String(error);
    return { mutation, result: 'unclear', reason, seconds: (performance.now() - start) / 1000 };
  } finally {
    scratch.restore();
  }
}
