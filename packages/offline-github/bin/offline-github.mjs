#!/usr/bin/env node
// The sources are TypeScript, so register tsx to load them.
import { register } from 'tsx/esm/api';

register();
await import('../src/main.ts');
