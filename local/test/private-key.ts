import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    privateKey: string;
  }
}

/** Returns the App's private key for this run as PEM. vitest.config.ts provides it. */
export const testPrivateKey = (): string => inject('privateKey');
