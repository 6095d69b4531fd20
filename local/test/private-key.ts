import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    privateKey: string;
  }
}

/** Returns the App's private key of this run in PEM, which vitest.config.ts provides. */
export const testPrivateKey = (): string => inject('privateKey');
