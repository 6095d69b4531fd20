import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    privateKey: string;
  }
}

/** The App's private key of this run, in PEM: vitest.config.ts provides it. */
export const testPrivateKey = (): string => inject('privateKey');
