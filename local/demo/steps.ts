/** Prints each step of the demo with its time and proof. */
export type Step = <T>(what: string, work: () => Promise<T>, proof?: (result: T) => string) => Promise<T>;

const TICK = '✔';
const CROSS = '✘';

export function createSteps(print: (line: string) => void): Step {
  return async (what, work, proof) => {
    const startedAt = performance.now();
    const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(7);
    try {
      const result = await work();
      print(`${TICK} ${seconds()}  ${what}`);
      const shown = proof?.(result) ?? '';
      for (const line of shown.split('\n').filter((each) => each !== '')) print(`             ${line}`);
      return result;
    } catch (error) {
      print(`${CROSS} ${seconds()}  ${what}`);
      throw error;
    }
  };
}

/** Fails the current step unless the condition holds. */
export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
